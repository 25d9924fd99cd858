from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

CLAIM = "theory/ghorbani2019/eq13.py"
ITEMS = [f"{CLAIM}::{name}" for name in "abcd"]
FILES = {"tests/test_one.py": 3, "tests/test_two.py": 2, "tests/test_three.py": 1, "tests/test_four.py": 2}
TESTS = [f"{file}::test_{k}" for file, count in FILES.items() for k in range(count)]


class Node:
    """A worker that notes what it is sent."""

    def __init__(self, name: str) -> None:
        self.gateway, self.shutting_down = SimpleNamespace(id=name), False
        self.sent: list[list[int]] = []

    def send_runtest_some(self, indices: list[int]) -> None:
        self.sent.append(list(indices))

    def shutdown(self) -> None:
        self.shutting_down = True


def scheduler(request: pytest.FixtureRequest, **options: Any) -> Any:
    told = {"dist": "load", "maxschedchunk": None, "tx": ["2*popen"], **options}
    log = SimpleNamespace(loadsched=lambda *words: None)
    config = SimpleNamespace(getoption=told.__getitem__, getvalue=told.__getitem__, option=SimpleNamespace(**told))
    return request.config.hook.pytest_xdist_make_scheduler(config=config, log=log)


@pytest.mark.parametrize("options", [{"dist": "loadscope"}, {"maxschedchunk": 3}])
def test_who_says_how_tests_are_shared_is_heeded(request: pytest.FixtureRequest, options: dict[str, Any]) -> None:
    assert scheduler(request, **options) is None


def test_workers_take_claims_item_by_item_and_tests_file_by_file(request: pytest.FixtureRequest) -> None:
    collection = [*ITEMS, *TESTS]
    sharing, nodes = scheduler(request), [Node("one"), Node("two")]
    for node in nodes:
        sharing.add_node(node)
        sharing.add_node_collection(node, collection)
    sharing.schedule()
    assert [node.sent for node in nodes] == [[[0, 1]], [[2, 3]]]
    done = [0, 0]
    while not sharing.tests_finished:
        # The first worker is three times as fast.
        for node, most in zip(nodes, (3, 1), strict=True):
            for index in list(sharing.node2pending[node])[:most]:
                done[nodes.index(node)] += 1
                sharing.mark_test_complete(node, index, duration=0.5)
    sent = [collection[index].partition("::")[0] for node in nodes for part in node.sent for index in part]
    assert sorted(index for node in nodes for part in node.sent for index in part) == list(range(len(collection)))
    for file, count in FILES.items():
        where = [
            part for node in nodes for part in node.sent if file in {collection[i].partition("::")[0] for i in part}
        ]
        assert [len(part) for part in where] == [count]
    assert sent.count(CLAIM) == len(ITEMS)
    assert done[0] > done[1] > 0
