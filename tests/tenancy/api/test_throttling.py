"""How often a token may ask."""

from tests.programs import Program, problem


def test_a_token_that_asks_too_often_is_told_when_to_come_back(program: Program, settings, time_machine):
    time_machine.move_to("2026-11-23 10:00:20Z", tick=False)
    settings.OMNIDESK_API_RATE = 2
    assert [program.get("members/").status_code for _ in range(3)] == [200, 200, 429]
    response = program.get("members/")
    assert (response.headers["Retry-After"], problem(response)["title"]) == ("41", "Too Many Requests")
    assert limits_of(response) == ["2", "0", "41"]
    time_machine.shift(41)
    assert program.get("members/").status_code == 200


def limits_of(response) -> list[str | None]:
    return [response.headers.get(f"RateLimit-{name}") for name in ("Limit", "Remaining", "Reset")]


def test_every_answer_says_what_is_left_of_the_limit(program: Program, settings, time_machine):
    time_machine.move_to("2026-11-23 10:00:20Z", tick=False)
    settings.OMNIDESK_API_RATE = 9
    assert limits_of(program.get("members/")) == ["9", "8", "41"]
    assert limits_of(program.get("members/0/")) == ["9", "7", "41"]
    assert limits_of(program.post("members/", {})) == ["9", "6", "41"]


def test_without_redis_nobody_is_held_up(program: Program, settings, monkeypatch):
    settings.OMNIDESK_API_RATE = 0

    def broken(*args, **kwargs):
        raise ConnectionError

    monkeypatch.setattr("tenancy.api.throttling.cache", type("Down", (), {"add": broken, "incr": broken}))
    assert program.get("members/").status_code == 200
