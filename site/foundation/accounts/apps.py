"""Identity: residents, staff posts, sign-in and second factor."""

from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "foundation.accounts"
    label = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        """Listen to allauth; templates, handlers and packs are found by their own apps."""
        import_module("foundation.accounts.signals")
