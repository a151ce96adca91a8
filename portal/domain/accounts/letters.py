"""What is mailed to people about their accounts. Each letter has one button at most; addresses are whole."""

from datetime import datetime

from portal.domain.accounts.mail_domains import MOST_MISSES
from portal.domain.mails import Letter, Link
from portal.domain.people import Role


def invitation(organisation: str, inviter: str, role: Role, to: str, url: str, until: datetime) -> Letter:
    """Invite somebody into an organisation."""
    what = {
        Role.ADMIN: "You join as an admin: you edit its jobs, connect its job board and invite others.",
        Role.MEMBER: "You join as a member: you see its jobs, and what changed in them.",
    }
    return Letter(
        "",
        f"{inviter} invites you to {organisation}" if inviter else f"You are invited to {organisation}",
        (what[role],),
        button=Link("Accept the invitation", url),
        note=f"Open until {_in_utc(until)}, once, and only for {to}. "
        "If you expected no invitation, leave this mail alone: without you nothing happens.",
    )


def ask_colleague(organisation: str, asker: str, url: str, until: datetime) -> Letter:
    """Ask somebody for the API key and token of an organisation's job board."""
    return Letter(
        "",
        f"{asker} asks you to connect Greenhouse to {organisation}",
        (
            f"{organisation} wants to show its open jobs, and you may have what is missing: a Job Board API "
            "key and the board token of Greenhouse. You need no account here.",
        ),
        button=Link("Enter them", url),
        note=f"The page takes them once, until {_in_utc(until)}. "
        f"If you do not know {asker}, leave this mail alone.",
    )


def reset(url: str, until: datetime) -> Letter:
    """Lead somebody to where they set a new password."""
    return Letter(
        "",
        "Set a new password",
        ("Somebody, most likely you, asked for a new password for your account.",),
        button=Link("Set a new password", url),
        note=f"The link works once, until {_in_utc(until)}. If it was not you, leave this mail alone: "
        "your password stays as it is.",
    )


def password_changed(forgot_url: str, when: datetime) -> Letter:
    """Tell somebody that their password was changed."""
    return Letter(
        "",
        "Your password was changed",
        (
            f"Your password was changed on {_in_utc(when)}, and you were signed out everywhere else.",
            "If it was not you, set another password now, and tell an admin of your organisation.",
        ),
        button=Link("Set another password", forgot_url),
    )


def new_browser(browser: str, address: str, when: datetime, account_url: str, forgot_url: str) -> Letter:
    """Tell somebody that they signed in where they have not before."""
    where = f" (from {address})" if address else ""
    return Letter(
        "",
        "New sign-in to your account",
        (
            f"{browser}{where} signed in to your account on {_in_utc(when)}, for the first time.",
            f"If it was not you, set another password at {forgot_url}. That ends every sign-in.",
        ),
        button=Link("See where you are signed in", account_url),
    )


def token_made(name: str, organisation: str, account_url: str, when: datetime) -> Letter:
    """Tell somebody that an API token was made that acts as them."""
    return Letter(
        "",
        "An API token was made for your account",
        (
            f"On {_in_utc(when)} the token “{name}” was made. "
            f"With it a program acts as you at {organisation}.",
            "If it was not you, revoke it, and change your password.",
        ),
        button=Link("See your tokens", account_url),
    )


def confirm_address(address: str, url: str, until: datetime) -> Letter:
    """Ask whoever reads the mails of a new address whether it is theirs."""
    return Letter(
        "",
        "Confirm your new e-mail address",
        (f"From then on you sign in with {address}, and mails come here.",),
        button=Link("Confirm this address", url),
        note=f"The link works once, until {_in_utc(until)}. "
        "If you did not ask for it, leave this mail alone.",
    )


def address_asked(new: str, when: datetime) -> Letter:
    """Tell the present address that another one is to take its place."""
    return Letter(
        "",
        "Your e-mail address is about to change",
        (
            f"On {_in_utc(when)} somebody who knows your password asked to use {new} for your account "
            "instead of this address. It takes effect once the link mailed there is followed.",
            "If it was not you, change your password now: that also withdraws the change.",
        ),
    )


def address_changed(new: str, when: datetime) -> Letter:
    """Tell the former address that it is no longer the account's."""
    return Letter(
        "",
        "Your e-mail address was changed",
        (
            f"Since {_in_utc(when)} your account uses {new}. You sign in with it, and mails go there.",
            "If it was not you, write to an admin of your organisation at once.",
        ),
    )


def account_deleted(when: datetime) -> Letter:
    """Tell somebody that their account is gone."""
    return Letter(
        "",
        "Your account was deleted",
        (
            f"Your account was deleted on {_in_utc(when)}, as you asked. What you edited stays, "
            "without your name.",
        ),
    )


def two_step_on(account_url: str, when: datetime) -> Letter:
    """Tell somebody that signing in asks for a code from now on."""
    return Letter(
        "",
        "Two-step sign-in is on",
        (
            f"Since {_in_utc(when)} signing in to your account asks for a code from your authenticator app.",
            "Keep the recovery codes where you find them without your phone.",
            "If it was not you, change your password now.",
        ),
        button=Link("Open your account", account_url),
    )


def two_step_off(forgot_url: str, when: datetime) -> Letter:
    """Tell somebody that the password alone signs them in again."""
    return Letter(
        "",
        "Two-step sign-in is off",
        (
            f"Since {_in_utc(when)} signing in to your account asks for your password alone.",
            "If it was not you, set another password now, and switch two-step sign-in on again.",
        ),
        button=Link("Set another password", forgot_url),
    )


def recovery_code_used(left: int, account_url: str, when: datetime) -> Letter:
    """Tell somebody that a recovery code was used, and how many are ``left``."""
    return Letter(
        "",
        "A recovery code was used",
        (
            f"On {_in_utc(when)} somebody signed in to your account with your password and one of your "
            f"recovery codes. {left or 'No'} recovery {'code is' if left == 1 else 'codes are'} left.",
            "If it was not you, change your password and make new recovery codes at once.",
        ),
        button=Link("Open your account", account_url),
    )


def passkey_added(name: str, account_url: str, when: datetime) -> Letter:
    """Tell somebody that a passkey signs in to their account from now on."""
    return Letter(
        "",
        "A passkey was added",
        (
            f"On {_in_utc(when)} the passkey “{name}” was added to your account. It signs you in without a "
            "password.",
            "If it was not you, remove it, and change your password.",
        ),
        button=Link("Open your account", account_url),
    )


def passkey_removed(name: str, account_url: str, when: datetime) -> Letter:
    """Tell somebody that a passkey signs in no more."""
    return Letter(
        "",
        "A passkey was removed",
        (
            f"On {_in_utc(when)} the passkey “{name}” was removed from your account.",
            "If it was not you, change your password.",
        ),
        button=Link("Open your account", account_url),
    )


def provider_linked(organisation: str, account_url: str, when: datetime) -> Letter:
    """Tell somebody that an organisation's own sign-in lets them in there from now on."""
    return Letter(
        "",
        f"You signed in through {organisation}",
        (
            f"On {_in_utc(when)} somebody signed in as you through the single sign-on of {organisation}, for "
            "the first time. Such a sign-in reaches that organisation alone, and not your account.",
            "If it was not you, tell an admin there, or leave that organisation on your account’s page.",
        ),
        button=Link("Open your account", account_url),
    )


def domain_missing(
    organisation: str, domain: str, name: str, value: str, page_url: str, when: datetime
) -> Letter:
    """Tell the admins that the record is gone that proves a domain."""
    return Letter(
        "",
        f"The DNS record of {domain} is missing",
        (
            f"People of {organisation} sign in through your provider with addresses at {domain}. On "
            f"{_in_utc(when)} DNS had no record any more that shows that the domain is yours.",
            f"Put it back as a TXT record of {name} that says “{value}”. If it is missing for {MOST_MISSES} "
            "days, the domain counts no more, and who came in by it is signed out.",
        ),
        button=Link("Open single sign-on", page_url),
    )


def domain_lost(
    organisation: str, domain: str, name: str, value: str, page_url: str, when: datetime
) -> Letter:
    """Tell the admins that a domain counts no more."""
    return Letter(
        "",
        f"{domain} no longer counts for single sign-on",
        (
            f"On {_in_utc(when)} DNS had had no record for {MOST_MISSES} days that shows that {domain} is of "
            f"{organisation}. Nobody signs in through your provider with an address there; who had done so "
            "is signed out.",
            f"To prove it again, put back the TXT record of {name} that says “{value}”, then press Check.",
        ),
        button=Link("Open single sign-on", page_url),
    )


def _in_utc(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"
