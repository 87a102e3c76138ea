"""Every write about people: accounts and numbers, posts and the rights that follow from them."""

from foundation.accounts.services.people import (
    attach_email,
    close_account,
    confirm_phone,
    deactivate_user,
    end_sessions,
    forget_ended_sessions,
    forget_unclaimed,
    open_account,
    open_staff_account,
    reactivate_user,
    reset_sign_in,
    set_phone,
)
from foundation.accounts.services.posts import end_post, grant_post, sync_groups

__all__ = [
    "attach_email",
    "close_account",
    "confirm_phone",
    "deactivate_user",
    "end_post",
    "end_sessions",
    "forget_ended_sessions",
    "forget_unclaimed",
    "grant_post",
    "open_account",
    "open_staff_account",
    "reactivate_user",
    "reset_sign_in",
    "set_phone",
    "sync_groups",
]
