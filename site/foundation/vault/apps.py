"""Encryption and blind indexes for personal data."""

from django.apps import AppConfig


class VaultConfig(AppConfig):
    name = "foundation.vault"
    label = "vault"
    verbose_name = "Vault"
