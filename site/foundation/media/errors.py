"""Everything that can go wrong with a photo, one small tree.

MediaError
├── UploadRefused       the resident's file is not taken; carries the sentence to show
├── DecodeRefused       the isolated decoder said no: broken, too big or too costly
├── DecoderUnavailable  the isolated decoder could not run or was too slow: try again later
├── PhotoNotFound       no such photo
├── OriginalGone        the sealed original was erased or is not on the disk
└── ReasonRequired      a person must say why before an original is opened or erased
"""

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class MediaError(Exception):
    """Base of media's errors: stable ``code``, ``sentence`` for the user, ``retryable``."""

    code: str = "media_error"
    sentence: str | Promise = _("The photo cannot be handled right now.")
    retryable: ClassVar[bool] = False


REFUSALS: dict[str, str | Promise] = {
    "too_large": _("The photo is over 20 MB. Please choose another one."),
    "too_many": _("You can upload up to 10 photos at a time."),
    "too_many_pixels": _("The photo has too many pixels. Please choose a smaller one."),
    "unreadable": _("This photo cannot be opened. Please take it again."),
    "no_room": _("Photos cannot be stored right now. Please send the report without photos."),
}


class UploadRefused(MediaError):
    """``code`` is a key of ``REFUSALS``; ``sentence`` says the problem and what to do."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.sentence = str(REFUSALS[code])
        super().__init__(code)


class DecodeRefused(MediaError):
    code = "decode_refused"


class DecoderUnavailable(MediaError):
    code = "decoder_unavailable"
    retryable = True


class PhotoNotFound(MediaError):
    code = "photo_not_found"
    sentence = _("There is no such photo.")


class OriginalGone(MediaError):
    code = "original_gone"
    sentence = _("The original of this photo no longer exists.")


class ReasonRequired(MediaError):
    code = "reason_required"
    sentence = _("Please say why you need this. The reason is kept in the record.")
