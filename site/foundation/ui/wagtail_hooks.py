"""Hooks that Wagtail's admin finds by itself."""

from wagtail import hooks
from wagtail.admin.widgets import BaseChooser

from foundation.ui.editor import without_inline_script
from foundation.ui.templatetags.ui import script

without_inline_script(BaseChooser)


@hooks.register("insert_global_admin_js")
def initialisers() -> str:
    """Load what starts Wagtail's widgets from data instead of inline scripts."""
    return script("ui/editor")
