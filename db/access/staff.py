"""Staff accounts: login, role, password and second factor."""

from datetime import datetime
from hmac import compare_digest

from sqlmodel import Field, Session, SQLModel, col, delete, func, select, update

from db import Instant, sealed_columns, sealing
from rules.access import totp


class Staff(SQLModel, table=True):
    """Secrets of the second factor are encrypted; an invitation's token is stored only as a hash."""

    id: int = Field(default=None, primary_key=True)
    login: str = Field(unique=True)
    name: str
    role: str = Field(description="manager, accountant, engineer or admin")
    password_hash: str | None = None
    totp_secret: str | None = None
    totp_last: int | None = Field(default=None, description="the last thirty-second step whose code was used")
    disabled_at: datetime | None = Field(default=None, sa_type=Instant)
    invite_hash: str | None = Field(default=None, unique=True)
    invite_secret: str | None = Field(
        default=None, description="second factor offered by the invitation, sealed"
    )
    invited_until: datetime | None = Field(default=None, sa_type=Instant)
    email: str | None = Field(
        default=None, description="where word goes of a changed password, second factor or role"
    )


class RecoveryCode(SQLModel, table=True):
    """For a lost phone: each works once. Its hash is encrypted, so it cannot be guessed without the keys."""

    __tablename__ = "staff_recovery_code"

    id: int = Field(default=None, primary_key=True)
    staff_id: int = Field(foreign_key="staff.id", index=True)
    code_hash: str = Field(default="", description="of an earlier release")
    code_sealed: str | None = None
    used_at: datetime | None = Field(default=None, sa_type=Instant)


def find_by_login(db: Session, login: str) -> Staff | None:
    return db.exec(select(Staff).where(Staff.login == login)).first()


def find_staff(db: Session, staff_id: int) -> Staff | None:
    return db.exec(select(Staff).where(Staff.id == staff_id)).first()


def list_staff(db: Session) -> list[Staff]:
    return list(db.exec(select(Staff).order_by(col(Staff.disabled_at).is_not(None), Staff.name)))


def staff_names(db: Session) -> dict[int, str]:
    """Return names by id, disabled accounts included, because their actions remain."""
    return {row[0]: row[1] for row in db.exec(select(Staff.id, Staff.name))}


def list_assignable(db: Session, roles: frozenset[str]) -> list[tuple[int, str]]:
    """Return (id, name) of those who can be assigned a request."""
    rows = db.exec(
        select(Staff.id, Staff.name)
        .where(col(Staff.role).in_(roles), col(Staff.disabled_at).is_(None))
        .order_by(Staff.name)
    )
    return [(row[0], row[1]) for row in rows]


def add(db: Session, login: str, name: str, role: str, email: str | None = None) -> Staff:
    row = Staff(login=login, name=name, role=role, email=email)
    db.add(row)
    db.flush()
    return row


def renew_recovery_codes(db: Session, row: Staff) -> list[str]:
    codes = totp.new_recovery_codes()
    db.connection().execute(delete(RecoveryCode).where(col(RecoveryCode.staff_id) == row.id))
    for code in codes:
        sealed_columns.write(db, RecoveryCode(staff_id=row.id), "code_sealed", totp.hash_recovery_code(code))
    return codes


def use_code(db: Session, row: Staff, typed: str, keys: list[str], now: datetime) -> str | None:
    """Use a code: "totp", "recovery", or None when it is wrong or used. Inside `writing`."""
    if not row.totp_secret:
        return None
    step = totp.match_step(
        sealing.unseal(keys, row.totp_secret, seal_context(row)), typed, now, row.totp_last
    )
    if step is not None:
        row.totp_last = step
        db.add(row)
        return "totp"
    return "recovery" if _spend_recovery(db, row, typed, now) else None


def _spend_recovery(db: Session, row: Staff, typed: str, now: datetime) -> bool:
    unused = select(RecoveryCode).where(RecoveryCode.staff_id == row.id, col(RecoveryCode.used_at).is_(None))
    typed_hash = totp.hash_recovery_code(typed)
    right = [
        one.id
        for one in db.exec(unused)
        if compare_digest(sealed_columns.read(db, one, "code_sealed") or "", typed_hash)
    ]
    spent = update(RecoveryCode).where(col(RecoveryCode.id).in_(right), col(RecoveryCode.used_at).is_(None))
    return db.connection().execute(spent.values(used_at=now)).rowcount == 1


def demonstration_code(db: Session, row: Staff, keys: list[str], now: datetime) -> str:
    """Return the code an application would show, in demonstrations, where nobody has one. Inside
    `writing`.
    """
    if not row.totp_secret:
        row.totp_secret = sealing.seal(keys, totp.new_secret(), seal_context(row))
        db.add(row)
    return totp.current_code(sealing.unseal(keys, row.totp_secret, seal_context(row)), now, row.totp_last)


def count_recovery_codes(db: Session, staff_id: int) -> int:
    unused = col(RecoveryCode.used_at).is_(None)
    return db.exec(select(func.count()).where(RecoveryCode.staff_id == staff_id, unused)).one()


def seal_context(row: Staff) -> str:
    return f"staff:{row.id}"
