"""Encryption and blind indexes for personal data."""

from django.apps import AppConfig
from django.core.checks import Tags, register


class VaultConfig(AppConfig):
    name = "foundation.vault"
    label = "vault"
    verbose_name = "Vault"

    def ready(self) -> None:
        from foundation.vault.checks import check_keys

        register(check_keys, Tags.security)
