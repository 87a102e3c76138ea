"""Form field for mobile numbers, usable by every form that asks for one."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from foundation.accounts.phones import PhoneRefused, normalise


class MobileField(forms.CharField):
    """A mobile number in any usual writing; cleans to +86 and 11 digits, or says what is wrong."""

    widget = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Mobile number"))
        kwargs.setdefault("max_length", 40)
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs = super().widget_attrs(widget)
        attrs.pop("maxlength", None)
        return attrs | {"type": "tel", "autocomplete": "tel", "inputmode": "tel"}

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        try:
            return normalise(text)
        except PhoneRefused as refusal:
            raise ValidationError(str(refusal.sentence), code=refusal.code) from refusal
