"""`ketmine user`: people, roles and tokens from the terminal."""

import json


def test_a_person_is_added_listed_raised_and_shut_out(ketmine) -> None:
    ketmine("db", "upgrade")
    told = ketmine("user", "add", "Ada Muster", "--role", "curator")
    assert told.exit_code == 0
    assert "Ada Muster, curator; one-time password, shown once: " in told.stdout
    assert len(told.stdout.split()[-1]) == 16
    assert ketmine("user", "role", "ada muster", "admin").exit_code == 0
    alone = ketmine("user", "disable", "Ada Muster")
    assert alone.exit_code == 3
    assert "the only admin" in alone.stderr
    ketmine("user", "add", "Bea", "--role", "admin")
    assert ketmine("user", "disable", "Ada Muster").exit_code == 0
    listed = json.loads(ketmine("user", "list", "--json").stdout)
    assert [(p["name"], p["role"], p["disabled"]) for p in listed] == [
        ("Ada Muster", "admin", True),
        ("Bea", "admin", False),
    ]
    assert "disabled: ada muster" in ketmine("user", "log").stdout
    (last,) = json.loads(ketmine("user", "log", "--limit", 1, "--json").stdout)
    assert (last["event"], last["key"], last["at"][10]) == ("disabled", "ada muster", "T")


def test_a_token_never_has_more_than_its_owner(ketmine) -> None:
    ketmine("db", "upgrade")
    ketmine("user", "add", "Rita", "--role", "reader")
    refused = ketmine("user", "token", "Rita", "--label", "notebook", "--scope", "review")
    assert refused.exit_code == 3
    assert "these scopes and no others: read" in refused.stderr
    made = ketmine("user", "token", "Rita", "--label", "notebook", "--scope", "read")
    assert made.stdout.startswith("ketmine_")
    assert ketmine("user", "revoke", "Rita", "notebook").exit_code == 0
    assert ketmine("user", "revoke", "Rita", "notebook").exit_code == 3
