"""A worker that solves in this process: what is wished is really planned."""

from collections.abc import Mapping, Sequence
from typing import Any, override

from custom_components.cem.worker_client import WorkerError
from optimizer.alternative import alternative
from optimizer.document import InputError
from optimizer.optimize import Options
from optimizer.read_home import home_from_json, record_from_json
from optimizer.series import table
from optimizer.what_if import WhatIf
from optimizer.wished import with_wishes
from tests.custom_components.foretelling import Foretelling

type Json = dict[str, Any]


class Solving(Foretelling):
    """Answers as the worker's process does."""

    @override
    async def optimize(
        self,
        home: Mapping[str, Any],
        series: Mapping[str, Any],
        *,
        time_limit_s: float,
        wishes: Sequence[Mapping[str, Any]] = (),
    ) -> Json:
        asked = [record_from_json(WhatIf, dict(wish), "wish") for wish in wishes]
        options = Options(time_limit_s=time_limit_s)
        given = home_from_json(dict(home))
        return with_wishes(given, table(dict(series)), asked, options)

    @override
    async def what_if(
        self,
        home: Mapping[str, Any],
        series: Mapping[str, Any],
        wish: Mapping[str, Any],
        *,
        time_limit_s: float,
    ) -> Json:
        try:
            return alternative(
                home_from_json(dict(home)),
                table(dict(series)),
                record_from_json(WhatIf, dict(wish), "what_if"),
                Options(time_limit_s=time_limit_s),
            )
        except InputError as error:
            raise WorkerError("invalid_what_if", str(error)) from error
