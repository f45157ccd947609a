"""`make run`: fills the database the first time, prints the addresses, starts the server, opens a browser if
there is one.
"""

import os
import sys
import threading
import webbrowser

import uvicorn

import app as context
from commands import Context
from commands.demo import filling
from settings import Settings

INVITATION = """
  Личный кабинет:  {origin}
  SMS и письма:    {origin}/demo/phone
  Рабочее место:   {origin}/staff

{logins}
  Остановить: Ctrl+C. Начать с чистой демонстрации: make clean.
"""


def main() -> None:
    settings = Settings(demo=True)
    application = context.create_app(settings)
    state = application.state
    logins = filling.fill_once(Context(state.engine, settings, state.clock))
    print(INVITATION.format(origin=settings.origin, logins=logins), flush=True)
    if sys.platform in ("darwin", "win32") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        threading.Timer(1.5, webbrowser.open, [settings.origin]).start()
    uvicorn.run(application, host=settings.host, port=settings.port, log_level="warning", proxy_headers=False)


if __name__ == "__main__":
    main()
