# SPDX-License-Identifier: Apache-2.0
"""A ring that follows its file: rotation without a restart."""

import logging
import os
import threading

import pytest
from ring_files import NOW, jwk, text_of, write
from sealring import InvalidKeyringError, LiveKeyring, RefusedError


@pytest.fixture
def path(tmp_path):
    return write(tmp_path / "session.keys", text_of(jwk(1)))


@pytest.fixture
def problems():
    return []


@pytest.fixture
def live(path, problems):
    return LiveKeyring(path, problems.append)


def test_a_rotated_ring_is_taken_over_within_a_second(path, live):
    old = live.seal(b"old", lifetime=0, now=NOW)
    write(path, text_of(jwk(1), jwk(2)))
    assert len(live.current(NOW).keys) == 1, "it looks once a second"
    assert len(live.current(NOW + 1).keys) == 2
    new = live.seal(b"new", lifetime=0, now=NOW + 1)
    assert new[:11] != old[:11]
    assert live.open(old, now=NOW + 1).payload == b"old"

    write(path, text_of(jwk(2)))
    with pytest.raises(RefusedError, match="unknown_key"):
        live.open(old, now=NOW + 2)
    assert live.open(new, now=NOW + 2).payload == b"new"


def test_a_relative_path_is_one_of_the_folder_in_which_it_was_loaded(path, problems, monkeypatch):
    monkeypatch.chdir(path.parent)
    live = LiveKeyring(path.name, problems.append)
    monkeypatch.chdir("/")
    write(path, text_of(jwk(1), jwk(2)))
    assert len(live.current(NOW).keys) == 2
    assert not problems


def test_a_file_that_stays_is_not_read_again(path, live):
    ring = live.current(NOW)
    assert all(live.current(NOW + second) is ring for second in range(9))


def test_a_file_that_is_written_in_place(path, live):
    live.current(NOW)
    path.write_bytes(text_of(jwk(2)))
    os.utime(path, (NOW, NOW))  # the file system's clock may not have advanced since it was made
    assert live.current(NOW + 1).keys[0].secret == bytes([2]) * 32


def test_a_clock_that_is_set_back(path, live):
    live.current(NOW)
    write(path, text_of(jwk(2)))
    assert live.current(NOW - 3600).keys[0].secret == bytes([2]) * 32


@pytest.mark.parametrize("damage", ["torn", "gone", "open"])
def test_a_refused_file_leaves_the_ring_in_use_and_is_told_once(path, live, problems, damage):
    if damage == "torn":
        write(path, text_of(jwk(2))[:-1])
    elif damage == "gone":
        path.unlink()
    else:
        path.chmod(0o644)
    for second in range(1, 4):
        assert live.current(NOW + second).keys[0].secret == bytes([1]) * 32
    assert len(problems) == 1
    assert str(path) in problems[0] and "stay in use" in problems[0]

    write(path, b"x")
    live.current(NOW + 5)
    assert len(problems) == 2

    write(path, text_of(jwk(2)))
    assert live.current(NOW + 6).keys[0].secret == bytes([2]) * 32
    assert len(problems) == 2


def test_problems_are_logged(path, caplog):
    live = LiveKeyring(path)
    path.unlink()
    live.current(NOW)
    [record] = caplog.records
    assert (record.name, record.levelno) == ("sealring", logging.ERROR)
    assert str(path) in record.getMessage()


def test_a_bad_ring_does_not_start(path):
    path.chmod(0o666)
    with pytest.raises(InvalidKeyringError):
        LiveKeyring(path)


def test_threads_share_one(path, live):
    """The ring is rotated all the time, while each of them seals, and opens what it sealed."""
    faults = []

    def work():
        try:
            for step in range(200):
                token = live.seal(b"x", lifetime=0, now=NOW + step)
                assert live.open(token, now=NOW + step).payload == b"x"
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for byte in range(2, 40):
        write(path, text_of(*(jwk(number) for number in range(1, byte + 1))))
    for thread in threads:
        thread.join()
    assert not faults


def test_a_child_process_repeats_nothing(live):
    read_end, write_end = os.pipe()
    live.seal(b"", lifetime=0)
    child = os.fork()
    if child == 0:
        os.write(write_end, live.seal(b"", lifetime=0).encode())
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(read_end, 100).decode()
    ours = live.seal(b"", lifetime=0)
    assert theirs[11:43] != ours[11:43]
    assert live.open(theirs)


def test_a_child_follows_that_was_forked_while_another_thread_looked(path):
    looking, forked = threading.Event(), threading.Event()

    def wait(_problem):
        looking.set()
        forked.wait(20)

    live = LiveKeyring(path, wait)
    write(path, b"{")
    thread = threading.Thread(target=live.current, args=(NOW,))
    thread.start()
    assert looking.wait(20)
    child = os.fork()
    if child == 0:
        write(path, text_of(jwk(1), jwk(2)))
        os._exit(0 if len(live.current(NOW + 1).keys) == 2 else 1)
    forked.set()
    thread.join()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_folder_in_its_place_costs_no_descriptors(path, live):
    path.unlink()
    path.mkdir()
    before = os.listdir("/proc/self/fd")
    for second in range(5):
        live.current(NOW + second)
    assert os.listdir("/proc/self/fd") == before
