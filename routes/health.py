"""Health checks for monitoring: liveness and readiness."""

from litestar import Response

from db.migrations import run
from web import Request, get


@get("/health", public=True)
def check_liveness() -> Response[str]:
    return Response("ok", media_type="text/plain")


@get("/ready", public=True)
def check_readiness(request: Request) -> Response[str]:
    """Return 200 when the database responds and has the schema of this release, else 503."""
    try:
        good = run.current(request.app.state.engine)
    except Exception:
        good = False
    return Response(
        "ready" if good else "not ready", status_code=200 if good else 503, media_type="text/plain"
    )


routes = [check_liveness, check_readiness]
