"""Plans: what a promotion would do, found out by running it with everything that reaches outside replaced by a preview.

The engine is the one that runs promotions. Steps that only compute or change the working directory run as they are, in
a directory that is thrown away; of the others, what they foresee is collected. Nothing is stored, and nothing outside
is changed: repositories are read, as they are for a promotion, and that is all.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from argosy.clients.login import Login
from argosy.clock import Clock
from argosy.credentials.secret import CredentialFor
from argosy.engine.context import Services
from argosy.engine.functions.resource import Logins
from argosy.engine.log import Logs
from argosy.engine.redaction import Redactor
from argosy.engine.run import Engine
from argosy.engine.turn import Facts
from argosy.engine.unknown import Unknowns
from argosy.engine.workspace import Workspaces
from argosy.errors import NotFound
from argosy.resources.meta import Json
from argosy.resources.promotion import Promotion, PromotionStatus, PromotionStepStatus, StepExecutionMetadata
from argosy.resources.step import PromotionStep
from argosy.rules.promotion import has_failures
from argosy.rules.promotion_template import task_of
from argosy.steps.base import AnyStep, Change, Context, Done, Effect, MetadataUpdate, Outcome, Preview


@dataclass(slots=True)
class StepPlan:
    """What one step would do.

    Attributes:
        alias, uses: as in the template.
        status: `Succeeded`, `Skipped`, `Failed` or `Errored`, as the step would end; `Running` for one that cannot be
            looked at now, after which nothing more is known.
        message: why.
        changes: what would happen to the world.
        outputs: as far as they are known.
        unknown: the names of outputs that only the deed itself gives.
        waits: what would be waited for.
        uncertain: what decides whether the step runs, when that is not known yet: then it is told as if it ran.
        unclear: what its configuration is made of and is not known yet, where nothing can be told without.
    """

    alias: str
    uses: str
    status: str = ""
    message: str = ""
    changes: list[Change] = field(default_factory=list)
    outputs: Mapping[str, Json] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    waits: str = ""
    uncertain: str = ""
    unclear: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a promotion would do, step by step; `phase` and `message` as it would end."""

    steps: tuple[StepPlan, ...]
    phase: str
    message: str

    @property
    def has_changes(self) -> bool:
        return any(step.changes for step in self.steps)


class Planner:
    """Makes plans with the steps of a catalogue. `root` is a folder of its own."""

    def __init__(self, steps: Mapping[str, AnyStep], services: Services, root: Path, clock: Clock) -> None:
        self._steps = steps
        self._services = services
        self._root = root
        self._clock = clock

    async def plan(self, facts: Facts) -> Plan:
        """What the promotion of `facts` would do, which need not be stored anywhere. Raises what the world raises."""
        uid = f"plan-{uuid.uuid4().hex}"
        metadata = facts.promotion.metadata.model_copy(update={"uid": uid})
        run = _Rehearsal(facts, self._services, self._steps)
        services = run.services()
        workspaces = Workspaces(self._root)
        logs = Logs(self._root, self._clock)
        steps = {name: run.rehearsed(step) for name, step in self._steps.items()}
        engine = Engine(steps, services, workspaces, logs, self._clock)
        try:
            promotion = facts.promotion.model_copy(update={"metadata": metadata})
            return await run.through(engine, replace(facts, promotion=promotion))
        finally:
            await engine.discard(uid)
            logs.remove(uid)


@dataclass(slots=True)
class _Rehearsal:
    """One plan in the making. It keeps the journal that a promotion would keep in the store."""

    facts: Facts
    real: Services
    kinds: Mapping[str, AnyStep]
    redactor: Redactor = field(default_factory=Redactor)
    unknowns: Unknowns = field(default_factory=Unknowns)
    steps: dict[str, StepPlan] = field(default_factory=dict)
    metadata: dict[tuple[str, str], dict[str, Json]] = field(default_factory=dict)
    status: PromotionStatus = field(default_factory=PromotionStatus)
    current: str = ""
    blurred: str = ""
    """What is not known and decided on what the working directory holds."""

    async def through(self, engine: Engine, facts: Facts) -> Plan:
        """Run every step, until the end or where no more can be known."""
        templates = facts.promotion.spec.steps
        ended = False
        while not ended:
            index = len(self.steps)
            promotion = facts.promotion.model_copy(update={"status": self.status})
            if index < len(templates):
                promotion = self._begin(promotion, index)
            advance = await engine.advance(replace(facts, promotion=promotion), self, self.redactor)
            self.status = advance.status
            if index < len(templates):
                self._settle(templates[index], index)
            ended = advance.again_after is None or (index < len(templates) and self._is_running(index))
        return self._finished()

    def _begin(self, promotion: Promotion, index: int) -> Promotion:
        """Whether a step runs may not be known: then what it would do is told as if it ran."""
        steps = promotion.spec.steps
        step, alias = steps[index], steps[index].alias(index)
        told = self.steps[alias] = StepPlan(alias, step.uses or "", uncertain=self.unknowns.condition(step))
        if not told.uncertain or has_failures(self.status.step_execution_metadata):
            return promotion
        assumed = step.model_copy(update={"if_": "${{ true }}"})
        spec = promotion.spec.model_copy(update={"steps": (*steps[:index], assumed, *steps[index + 1 :])})
        return promotion.model_copy(update={"spec": spec})

    def _is_running(self, index: int) -> bool:
        return self.status.step_execution_metadata[index].status == PromotionStepStatus.RUNNING

    def _settle(self, step: PromotionStep, index: int) -> None:
        """Take how a step ended. One that fails for what is not known has not failed: nobody can tell."""
        record = self.status.step_execution_metadata[index]
        told = self.steps[record.alias]
        if record.status in (PromotionStepStatus.FAILED, PromotionStepStatus.ERRORED):
            record = self._doubted(step, told, record)
            kept = self.status.step_execution_metadata[:index]
            self.status = self.status.model_copy(update={"step_execution_metadata": (*kept, record)})
        told.status, told.message = str(record.status or ""), record.message or _why(step, record)

    def _doubted(self, step: PromotionStep, told: StepPlan, record: StepExecutionMetadata) -> StepExecutionMetadata:
        kind = self.kinds.get(step.uses or "")
        if told.uncertain:
            message = f"if it runs, it would fail: {record.message.removeprefix('failed: ')}"
            return record.model_copy(update={"status": PromotionStepStatus.SKIPPED.value, "message": message})
        unclear = self.unknowns.config(step) or self.blurred
        has_run = self.current == told.alias
        if kind is None or not unclear or (has_run and kind.effect is Effect.PURE and not self.blurred):
            return record
        told.unclear = unclear
        if kind.effect is Effect.WORKSPACE:
            self.blurred = unclear
        outputs = self._unseen(told, kind, step)
        state = dict(self.status.state or {})
        state[told.alias] = outputs
        task = task_of(told.alias)
        if kind.propagates and task:
            state[task] = {**(state.get(task) or {}), **outputs}
        self.status = self.status.model_copy(update={"state": state})
        return record.model_copy(update={"status": PromotionStepStatus.SUCCEEDED.value, "message": ""})

    def _unseen(self, told: StepPlan, kind: AnyStep, step: PromotionStep) -> dict[str, Json]:
        """What there is to say of a step of which only the kind is known: returns its outputs."""
        config = step.config if isinstance(step.config, Mapping) else {}
        named = config.get("outputs") if kind.names_outputs else None
        names = [
            each["name"] for each in named or () if isinstance(each, Mapping) and isinstance(each.get("name"), str)
        ]
        if kind.effect is Effect.WAIT:
            told.waits = f"what {kind.name} waits for"
        elif kind.effect is Effect.EXTERNAL:
            told.changes.append(Change("run", kind.name))
        return self._told(told.alias, {}, (*kind.outputs, *names, *(config if kind.propagates else ())))

    async def save(self, status: PromotionStatus) -> None:
        """As a journal: the plan itself remembers."""

    def services(self) -> Services:
        return replace(
            self.real,
            logins=_HiddenLogins(self.real.logins, self.redactor),
            write_metadata=self._metadata,
            read=self._read,
            foresee=self._foresee,
        )

    def rehearsed(self, step: AnyStep) -> AnyStep:
        """The step with its deed replaced by its preview."""

        async def run(config: object, ctx: Context) -> Outcome:
            self.current = ctx.alias
            if step.effect in (Effect.PURE, Effect.WORKSPACE):
                outcome = await step.run(config, ctx)
                if not isinstance(outcome, Done):
                    return outcome
                self.unknowns.follow(ctx.alias, outcome.outputs)
                return self._fresh(ctx.alias, step, outcome)
            if step.preview is None:
                return self._blind(ctx.alias, step)
            return self._previewed(ctx.alias, await step.preview(config, ctx))

        return replace(step, run=run)

    def _fresh(self, alias: str, step: AnyStep, outcome: Done) -> Done:
        """Outputs that another run would make anew are not known."""
        unknown = () if outcome.skipped else tuple(name for name in step.fresh if name in outcome.outputs)
        return replace(outcome, outputs=self._told(alias, outcome.outputs, unknown))

    def _previewed(self, alias: str, preview: Preview) -> Done:
        told = self.steps[alias]
        told.changes.extend(preview.changes)
        told.waits = preview.waits
        outputs = self._told(alias, preview.outputs, preview.unknown)
        return Done(outputs, skipped=preview.skipped, message=preview.message)

    def _blind(self, alias: str, step: AnyStep) -> Done:
        """A step of somebody else's that cannot say beforehand what it would do."""
        told = self.steps[alias]
        if step.effect is Effect.WAIT:
            told.waits = f"what {step.name} waits for"
        else:
            told.changes.append(Change("run", step.name, details={"note": "this step cannot be previewed"}))
        return Done(self._told(alias, {}, step.outputs))

    def _told(self, alias: str, outputs: Mapping[str, Json], unknown: tuple[str, ...]) -> dict[str, Json]:
        """Outputs for later steps: a placeholder stands for what is not known."""
        told = self.steps[alias]
        told.outputs = {name: value for name, value in outputs.items() if name not in unknown}
        told.unknown = unknown
        return {**told.outputs, **{name: self.unknowns.add(alias, name) for name in unknown}}

    def _foresee(self, alias: str, change: Change) -> None:
        self.steps[alias].changes.append(change)

    async def _metadata(self, namespace: str, update: MetadataUpdate) -> None:
        """Values are remembered for the steps that read them. Raises NotFound."""
        document = await self._read(update.kind, namespace, update.name)
        if document is None:
            raise NotFound(f"there is no {update.kind} {update.name!r}")
        before = (document.get("status") or {}).get("metadata") or {}
        if all(name in before and before[name] == value for name, value in update.values.items()):
            return
        self._foresee(self.current, Change("set metadata", f"{update.kind} {update.name}", details=dict(update.values)))
        self.metadata.setdefault((update.kind, update.name), {}).update(update.values)

    async def _read(self, kind: str, namespace: str, name: str) -> Mapping[str, Json] | None:
        document = await self.real.read(kind, namespace, name)
        added = self.metadata.get((kind, name))
        if document is None or not added or namespace != self.facts.promotion.namespace:
            return document
        status = document.get("status") or {}
        return {**document, "status": {**status, "metadata": {**(status.get("metadata") or {}), **added}}}

    def _finished(self) -> Plan:
        message = self.redactor.clean(self.status.message or "")
        return Plan(tuple(map(self._clean, self.steps.values())), str(self.status.phase or ""), message)

    def _clean(self, step: StepPlan) -> StepPlan:
        """Without secret values, wherever they may have got to."""
        clean = self.redactor.clean
        changes = [
            Change(clean(each.verb), clean(each.target), clean(each.diff), self.redactor.cleaned(each.details))
            for each in step.changes
        ]
        return replace(step, message=clean(step.message), changes=changes, outputs=self.redactor.cleaned(step.outputs))


def _why(template: PromotionStep, record: StepExecutionMetadata) -> str:
    """Why a step would be skipped."""
    if record.status != PromotionStepStatus.SKIPPED or record.started_at is not None:
        return ""
    return f"its condition does not hold: {template.if_}" if template.if_ else "a step before it would not succeed"


@dataclass(frozen=True, slots=True)
class _HiddenLogins:
    """Logins whose passwords are kept out of the plan."""

    real: Logins
    redactor: Redactor

    async def get(self, namespace: str, kind: CredentialFor, url: str, /) -> Login | None:
        login = await self.real.get(namespace, kind, url)
        if login is not None:
            self.redactor.hide([login.password, login.ssh_key])
        return login
