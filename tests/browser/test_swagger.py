"""Swagger UI, served without a network: a newcomer tries a call's whole life in it, and sockets tell of every step."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.service import Town
from browser.windows import Open

LISTEN = """() => {
  window.heard = [];
  const socket = new WebSocket(`${location.origin.replace("http", "ws")}/api/v1/ws`);
  socket.onmessage = (message) => window.heard.push(JSON.parse(message.data));
  return new Promise((open, fail) => {
    socket.onopen = () => open(true);
    socket.onerror = () => fail(new Error("no socket"));
  });
}"""
COMMANDED = {
    "call.created", "assignment.created", "assignment.step", "assignment.completed", "call.completed",
}  # fmt: skip
KINDS = "() => window.heard.filter((frame) => frame.type === 'event').map((frame) => frame.kind)"


@pytest.mark.long
def test_a_call_lives_its_whole_life_in_swagger_and_both_sockets_tell_of_it(town: Town, window: Open) -> None:
    desk, phone = window("ivanova", "/docs"), window("crew1", "/docs")
    assert desk.evaluate(LISTEN)
    assert phone.evaluate(LISTEN)

    call = tried(desk, "post", "/api/v1/calls", body={
        "reason": "Боль в груди", "criticality": "critical", "address": "Садовая улица, 5",
        "location": {"lat": 59.9402, "lon": 30.3321},
    })  # fmt: skip
    assignment = tried(
        desk, "post", "/api/v1/calls/{call_id}/assignments",
        path={"call_id": call["id"]}, body={"team_id": town.teams["11"]["id"]},
    )  # fmt: skip
    heard(phone, "assignment.created")
    steps = ("acknowledged", "en_route", "on_scene", "completed")
    for step in steps:
        last = tried(
            phone, "post", "/api/v1/assignments/{assignment_id}/steps",
            path={"assignment_id": assignment["id"]}, body={"step": step},
        )  # fmt: skip
    assert last["status"] == "completed"

    heard(desk, "call.completed")
    # Between them the service may tell of ways and expected arrivals.
    told = [kind for kind in desk.evaluate(KINDS) if kind in COMMANDED]
    assert told == [
        "call.created", "assignment.created", *["assignment.step"] * 3, "assignment.completed", "call.completed",
    ]  # fmt: skip
    heard(phone, "assignment.completed")


def tried(page: Page, method: str, address: str, *, body: object, path: dict[str, Any] | None = None) -> Any:
    """Fill in an operation, execute it, and return the answer that Swagger shows."""
    operation = page.locator(f".opblock-{method}", has=page.locator(f'[data-path="{address}"]'))
    button = operation.get_by_role("button", name="Try it out")
    if operation.locator(".opblock-body").count() == 0:
        operation.locator(".opblock-control-arrow").click()
        button.click()
    for name, value in (path or {}).items():
        operation.locator(f'[data-param-name="{name}"] input').fill(str(value))
    operation.locator("textarea.body-param__text").fill(json.dumps(body, ensure_ascii=False))
    with page.expect_response(lambda answer: answer.request.method == method.upper()) as answered:
        operation.get_by_role("button", name="Execute").click()
    assert answered.value.ok, answered.value.text()
    shown: Locator = operation.locator(".live-responses-table tbody .response-col_status").first
    expect(shown).to_have_text(str(answered.value.status))
    return answered.value.json()


def heard(page: Page, kind: str) -> None:
    """Wait until the socket has told of an event of this kind."""
    page.wait_for_function(f"kind => ({KINDS})().includes(kind)", arg=kind)
