"""Reads about people: who acts."""

from django.http import HttpRequest

from foundation.accounts.policies import access_of
