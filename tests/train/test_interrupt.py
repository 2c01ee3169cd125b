from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from knoll.train.interrupt import stopping


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_first_signal_only_asks(number: signal.Signals, code: int) -> None:
    before = signal.getsignal(number)
    with stopping() as stop:
        assert not stop()
        os.kill(os.getpid(), number)
        assert stop()
    assert stop.exit_code == code
    assert signal.getsignal(number) is before


def pressed_twice() -> None:
    with stopping() as stop:
        os.kill(os.getpid(), signal.SIGINT)
        assert stop()
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(5)  # the signal is handled here at the latest


def test_the_second_ctrl_c_acts_as_always() -> None:
    with pytest.raises(KeyboardInterrupt) as caught:
        pressed_twice()
    assert caught.value.args == ()  # Python's own
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_other_threads_leave_the_signals_alone() -> None:
    before = signal.getsignal(signal.SIGINT)
    seen = []

    def work() -> None:
        with stopping() as stop:
            seen.append((stop(), signal.getsignal(signal.SIGINT)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [(False, before)]
