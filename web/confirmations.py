"""A page that asks before something is deleted or withdrawn: GET at the address whose POST does it."""

from litestar import Response

from web import Request, page


def confirm_page(
    request: Request, title: str, words: str, button: str, back: str, of: int = 0
) -> Response[bytes]:
    """`title` is the question, `words` what will be gone and what stays; `back` leads away undone; `of` is
    the contract, the chosen one by default.
    """
    return page(request, "parts/confirm.html", title=title, words=words, button=button, back=back, of=of)
