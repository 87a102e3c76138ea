"""What editors build pages from: each block shows icon, purpose and preview before it is used.

Blocks hold content only; their look lives in ``templates/cms/blocks/`` and ``frontend/site.css``.
"""

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock

from cms.key_figures import choices, figures_of

TEXT_FEATURES = ["h3", "h4", "bold", "ol", "ul", "link", "document-link"]
SMALL_FEATURES = ["bold", "link", "document-link", "ol", "ul"]

TEXT = _("Text")
MEDIA = _("Pictures and files")
GUIDE = _("Guidance")
DATA = _("Figures")


class Sample:
    """A preview value in the editor's language, made when it is asked for."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __call__(self) -> Any:
        return self._told(self.value)

    def _told(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._told(part) for name, part in value.items()}
        if isinstance(value, list):
            return [self._told(part) for part in value]
        return str(value) if isinstance(value, Promise) else value


class HeadingBlock(blocks.StructBlock):
    """A section heading (h2); the page's title is its only h1."""

    text = blocks.CharBlock(label=_("heading"), max_length=60)

    class Meta:
        icon = "title"
        label = _("Heading")
        group = TEXT
        description = _("Starts a new section. Smaller headings belong in the text block.")
        template = "cms/blocks/heading.html"
        preview_value = Sample({"text": _("How a report travels")})


class TextBlock(blocks.RichTextBlock):
    """Paragraphs, lists and links; headings of level 3 and 4 only."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("features", TEXT_FEATURES)
        super().__init__(**kwargs)

    class Meta:
        icon = "pilcrow"
        label = _("Text")
        group = TEXT
        description = _("Paragraphs, lists and small headings.")
        template = "cms/blocks/text.html"
        preview_value = Sample(_("<p>Every report gets an answer.</p>"))


class PictureBlock(blocks.StructBlock):
    """One picture with its description for those who cannot see it, and its credit."""

    image = ImageChooserBlock(label=_("picture"))
    alt = blocks.CharBlock(
        label=pgettext_lazy("image", "description"),
        max_length=160,
        help_text=_("What the picture shows, in one sentence, for readers who cannot see it."),
    )
    caption = blocks.CharBlock(label=_("caption"), max_length=160, required=False)
    credit = blocks.CharBlock(label=_("credit"), max_length=80, help_text=_("Who made it."))

    class Meta:
        icon = "image"
        label = _("Picture")
        group = MEDIA
        description = _("A picture across the text, with description and credit.")
        template = "cms/blocks/picture.html"
        preview_template = "cms/blocks/preview_picture.html"
        preview_value = Sample(
            {
                "image": None,
                "alt": _("A river in the morning, people walking on its bank"),
                "caption": _("The river in the morning"),
                "credit": _("Media centre"),
            }
        )


class GalleryBlock(blocks.StructBlock):
    """Several pictures side by side."""

    title = blocks.CharBlock(label=_("title"), max_length=60, required=False)
    pictures = blocks.ListBlock(PictureBlock(), label=_("pictures"), min_num=2, max_num=12)

    class Meta:
        icon = "copy"
        label = _("Gallery")
        group = MEDIA
        description = _("Two to twelve pictures in a grid. Nothing moves by itself.")
        template = "cms/blocks/gallery.html"
        preview_template = "cms/blocks/preview_gallery.html"
        preview_value = Sample({"title": _("A day for the river"), "pictures": []})


class TableBlock(TypedTableBlock):
    """A table with a caption; on a phone it scrolls inside its own frame."""

    def get_preview_value(self) -> Any:
        return self.normalize(
            Sample(
                {
                    "columns": [
                        {"type": "text", "heading": _("Step")},
                        {"type": "text", "heading": _("Time limit")},
                    ],
                    "rows": [
                        {"values": [_("Signing for a case"), _("4 working hours")]},
                        {"values": [_("Reply to an ordinary matter"), _("5 working days")]},
                    ],
                    "caption": _("Time limits at a glance"),
                }
            )()
        )

    class Meta:
        icon = "table"
        label = _("Table")
        group = DATA
        description = _(
            "Rows and columns with headings. Give it a caption that says what it shows."
        )
        template = "cms/blocks/table.html"
        preview_value: ClassVar[dict[str, Any]] = {}


class DocumentListBlock(blocks.StructBlock):
    """Documents to read and download, with type and size."""

    title = blocks.CharBlock(label=_("title"), max_length=60, default=_("Related documents"))
    documents = blocks.ListBlock(
        blocks.StructBlock(
            [
                ("document", DocumentChooserBlock(label=_("document"))),
                ("note", blocks.CharBlock(label=_("note"), max_length=120, required=False)),
            ],
            label=_("document"),
        ),
        label=_("documents"),
        min_num=1,
    )

    class Meta:
        icon = "doc-full-inverse"
        label = _("Documents")
        group = MEDIA
        description = _("Files to download. Say the essential in text as well.")
        template = "cms/blocks/documents.html"
        preview_template = "cms/blocks/preview_documents.html"
        preview_value = {"title": _("Related documents"), "documents": []}


class CalloutBlock(blocks.StructBlock):
    """A short remark that must not be missed."""

    kind = blocks.ChoiceBlock(
        label=_("kind"),
        choices=[
            ("info", _("Good to know")),
            ("success", _("Good news")),
            ("warning", _("Please note")),
        ],
        default="info",
    )
    title = blocks.CharBlock(label=_("title"), max_length=40, required=False)
    text = blocks.RichTextBlock(label=_("text"), features=SMALL_FEATURES)

    class Meta:
        icon = "info-circle"
        label = _("Callout")
        group = TEXT
        description = _("A highlighted remark. One or two a page, no more.")
        template = "cms/blocks/callout.html"
        preview_value = Sample(
            {
                "kind": "info",
                "title": _("No sign-in"),
                "text": _("<p>You can report without an account and without a name.</p>"),
            }
        )


class QuoteBlock(blocks.StructBlock):
    """Somebody's words, with a name the speaker agreed to."""

    text = blocks.TextBlock(label=_("words"), max_length=300)
    speaker = blocks.CharBlock(label=_("who said it"), max_length=60)

    class Meta:
        icon = "openquote"
        label = _("Quotation")
        group = TEXT
        description = _("A person's own words. Ask before you publish them.")
        template = "cms/blocks/quote.html"
        preview_value = Sample(
            {
                "text": _("One photo was enough; somebody came the next day."),
                "speaker": _("A resident"),
            }
        )


class ContactBlock(blocks.StructBlock):
    """Whom to ask, by telephone first."""

    name = blocks.CharBlock(label=_("office"), max_length=60)
    phone = blocks.CharBlock(label=_("telephone"), max_length=30, required=False)
    hours = blocks.CharBlock(label=_("hours"), max_length=80, required=False)
    address = blocks.CharBlock(label=_("address"), max_length=120, required=False)
    note = blocks.CharBlock(label=_("note"), max_length=160, required=False)

    class Meta:
        icon = "mail"
        label = _("Contact card")
        group = GUIDE
        description = _("An office with telephone, hours and address.")
        template = "cms/blocks/contact.html"
        preview_value = Sample(
            {
                "name": _("Public service hotline"),
                "phone": "12345",
                "hours": _("Day and night"),
                "address": "",
                "note": _("Not sure of the place? The operator will help."),
            }
        )


class StepsBlock(blocks.StructBlock):
    """What happens, in order."""

    title = blocks.CharBlock(label=_("title"), max_length=60, required=False)
    steps = blocks.ListBlock(
        blocks.StructBlock(
            [
                ("title", blocks.CharBlock(label=_("step"), max_length=40)),
                ("text", blocks.RichTextBlock(label=_("text"), features=SMALL_FEATURES)),
                ("limit", blocks.CharBlock(label=_("how long"), max_length=40, required=False)),
            ],
            label=_("step"),
        ),
        label=_("steps"),
        min_num=2,
    )

    class Meta:
        icon = "list-ol"
        label = _("Steps")
        group = GUIDE
        description = _("A numbered way from start to end, each step with its time limit.")
        template = "cms/blocks/steps.html"
        preview_value = Sample(
            {
                "title": _("Report in three steps"),
                "steps": [
                    {
                        "title": _("Take a photo"),
                        "text": _("<p>Of what is wrong.</p>"),
                        "limit": "",
                    },
                    {
                        "title": _("Pick a type"),
                        "text": _("<p>Smell, noise, waste water: one tap.</p>"),
                        "limit": "",
                    },
                ],
            }
        )


class QuestionsBlock(blocks.StructBlock):
    """Questions that open to their answers, without JavaScript."""

    title = blocks.CharBlock(label=_("title"), max_length=60, required=False)
    questions = blocks.ListBlock(
        blocks.StructBlock(
            [
                ("question", blocks.CharBlock(label=_("question"), max_length=80)),
                ("answer", blocks.RichTextBlock(label=_("answer"), features=SMALL_FEATURES)),
            ],
            label=_("question"),
        ),
        label=_("questions"),
        min_num=1,
    )

    class Meta:
        icon = "help"
        label = _("Questions and answers")
        group = GUIDE
        description = _("Frequent questions; each opens to its answer.")
        template = "cms/blocks/questions.html"
        preview_value = Sample(
            {
                "title": _("Frequent questions"),
                "questions": [
                    {
                        "question": _("Must I leave a telephone number?"),
                        "answer": _("<p>No, only if you wish.</p>"),
                    }
                ],
            }
        )


class KeyFiguresBlock(blocks.StructBlock):
    """Figures of the platform, each with its numerator and denominator."""

    title = blocks.CharBlock(label=_("title"), max_length=60, required=False)
    codes = blocks.MultipleChoiceBlock(label=_("figures"), choices=choices)

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context)
        context["figures"] = figures_of(value.get("codes") or [])
        return context

    class Meta:
        icon = "order"
        label = pgettext_lazy("block", "Key figures")
        group = DATA
        description = _("Live figures with n/N. A figure without data says so.")
        template = "cms/blocks/key_figures.html"
        preview_value = Sample({"title": _("Three promises"), "codes": []})


class LinksBlock(blocks.StructBlock):
    """Where to read on."""

    title = blocks.CharBlock(label=_("title"), max_length=60, default=_("Related links"))
    links = blocks.ListBlock(
        blocks.StructBlock(
            [
                ("title", blocks.CharBlock(label=_("title"), max_length=60)),
                ("page", blocks.PageChooserBlock(label=_("page"), required=False)),
                (
                    "path",
                    blocks.RegexBlock(
                        regex=r"^(/[\w\-/.?=&#%]*|https://[^\s]+)$",
                        label=_("or an address"),
                        required=False,
                        error_messages={
                            "invalid": _("Start with / for this site or https:// for another.")
                        },
                    ),
                ),
                ("note", blocks.CharBlock(label=_("note"), max_length=120, required=False)),
            ],
            label=_("link"),
        ),
        label=_("links"),
        min_num=1,
    )

    class Meta:
        icon = "link"
        label = _("Related links")
        group = GUIDE
        description = _("Up to six places to go next, each with a reason.")
        template = "cms/blocks/links.html"
        preview_value = Sample(
            {
                "title": _("Related links"),
                "links": [
                    {
                        "title": _("Report with a photo"),
                        "page": None,
                        "path": "/report/",
                        "note": _("No sign-in"),
                    }
                ],
            }
        )


class AttachmentBlock(DocumentChooserBlock):
    """One file to download."""

    class Meta:
        icon = "doc-full"
        label = _("Attachment")
        group = MEDIA
        description = _("One file to download.")
        template = "cms/blocks/attachment.html"
        preview_template = "cms/blocks/preview_attachment.html"
        preview_value = None


class BodyBlock(blocks.StreamBlock):
    """The body of a page."""

    heading = HeadingBlock()
    text = TextBlock()
    picture = PictureBlock()
    gallery = GalleryBlock()
    table = TableBlock(
        [
            ("text", blocks.CharBlock(required=False, label=_("Text"))),
            ("number", blocks.DecimalBlock(required=False, label=_("Number"))),
        ]
    )
    documents = DocumentListBlock()
    callout = CalloutBlock()
    quote = QuoteBlock()
    contact = ContactBlock()
    steps = StepsBlock()
    questions = QuestionsBlock()
    key_figures = KeyFiguresBlock()
    links = LinksBlock()
    attachment = AttachmentBlock()
