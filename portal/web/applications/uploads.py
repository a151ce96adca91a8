"""Store the valid files of a form, whatever else in it is wrong."""

from collections.abc import Mapping

from flask import request

from portal.actions.applications.receive import held_files, hold_files
from portal.domain.applications.files import MOST_BYTES, MOST_FILES, File, read_file
from portal.domain.applications.forms import ApplicationForm, FieldKind
from portal.domain.applications.validation import HeldFile
from portal.domain.texts import InvalidValue
from portal.models import Organisation
from portal.web.applications.form_view import REMOVE
from portal.web.applications.tokens import FormToken


def take_files(
    org: Organisation, form: ApplicationForm, token: FormToken
) -> tuple[Mapping[str, HeldFile], dict[str, str]]:
    """Keep the files that came and are right, whatever else is wrong; return all, and what is wrong."""
    names = [
        each.name for question in form.questions for each in question.fields if each.kind == FieldKind.FILE
    ]
    held, wrong, new = held_files(token.key), dict[str, str](), list[File]()
    removed = set(request.form.getlist(REMOVE)) & set(names)
    left = {name: file for name, file in held.items() if name not in removed}
    for name in names:
        for upload in request.files.getlist(name):
            if not upload.filename:
                continue
            try:
                file = read_file(name, upload.filename, upload.stream.read(MOST_BYTES + 1))
                _expect_room(left, file)
            except InvalidValue as error:
                wrong[name] = str(error)
                continue
            left[name] = HeldFile(file.name, len(file.content))
            new = [each for each in new if each.field != name] + [file]
    hold_files(org.id, token.key, new, removed)
    return {name: left[name] for name in names if name in left}, wrong


def _expect_room(held: Mapping[str, HeldFile], file: File) -> None:
    """Raise ``InvalidValue`` where a file beside the others is one too many, or too large."""
    others = [each for name, each in held.items() if name != file.field]
    if len(others) >= MOST_FILES:
        raise InvalidValue(f"Send at most {MOST_FILES} files.")
    if sum(each.size for each in others) + len(file.content) > MOST_BYTES:
        raise InvalidValue("All files together are larger than 10 MB. Choose a smaller one.")
