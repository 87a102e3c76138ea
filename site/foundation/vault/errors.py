"""Everything that can go wrong in the vault, one small tree.

VaultError
├── ReasonRequired      a person must say why before personal data are shown or destroyed
├── RecordNotFound      no such record
├── RecordShredded      the record's key was destroyed; nobody can read it any more
├── SealBroken          the bytes, their context or their place were changed
└── KeyTrouble          the operator has to act
    ├── KeyMissing      no master key configured
    └── KeyUnknown      sealed with a master key that is not in the key ring
"""

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class VaultError(Exception):
    """Base of the vault's errors: stable ``code``, ``sentence`` for the user, ``retryable``."""

    code: ClassVar[str] = "vault_error"
    sentence: ClassVar[str | Promise] = _("The contact details cannot be shown right now.")
    retryable: ClassVar[bool] = False


class ReasonRequired(VaultError):
    code = "reason_required"
    sentence = _("Please say why you need this. The reason is kept in the record.")


class RecordNotFound(VaultError):
    code = "record_not_found"
    sentence = _("There are no contact details here.")


class RecordShredded(VaultError):
    code = "record_shredded"
    sentence = _("These contact details were destroyed for good and cannot be shown.")


class SealBroken(VaultError):
    code = "seal_broken"


class KeyTrouble(VaultError):
    code = "key_trouble"
    retryable = True


class KeyMissing(KeyTrouble):
    code = "key_missing"


class KeyUnknown(KeyTrouble):
    code = "key_unknown"
