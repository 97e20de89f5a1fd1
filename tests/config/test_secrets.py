from config.secrets import generated_secret


def test_it_is_made_once(tmp_path):
    path = tmp_path / "data" / "secret"
    secret = generated_secret(path)

    assert len(secret) >= 50
    assert generated_secret(path) == secret
    assert [file.name for file in path.parent.iterdir()] == ["secret"]


def test_only_its_owner_may_read_it(tmp_path):
    path = tmp_path / "secret"
    generated_secret(path)

    assert path.stat().st_mode & 0o777 == 0o600


def test_two_are_different(tmp_path):
    assert generated_secret(tmp_path / "a") != generated_secret(tmp_path / "b")


def test_one_that_was_put_in_place_meanwhile_wins(tmp_path, monkeypatch):
    path = tmp_path / "secret"
    monkeypatch.setattr("os.link", lambda *args: path.write_text("theirs") and _exists())

    assert generated_secret(path) == "theirs"
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]


def _exists():
    raise FileExistsError
