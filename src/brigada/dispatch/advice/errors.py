"""Refusals of proposals."""

from typing import ClassVar

from brigada.errors import Conflict


class ProposalDecided(Conflict):
    """`present` is the proposal with who decided and when."""

    code: ClassVar[str] = "proposal_decided"
    ru: ClassVar[str] = "Предложение уже рассмотрено или снято."
    en: ClassVar[str] = "The proposal was decided or withdrawn already."


class ProposalStale(Conflict):
    """Something was assigned or ended since; `call_id` is the call that no longer stands as it did."""

    code: ClassVar[str] = "proposal_stale"
    ru: ClassVar[str] = "С тех пор назначения изменились, предложение больше не действует."
    en: ClassVar[str] = "Assignments have changed since, the proposal holds no more."
