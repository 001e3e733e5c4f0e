"""Steps of a run on several machines, given to Celery's workers through Redis (docs/decisions/0069).

The launcher of a run holds the lock of refreshes and names its run in the lake, so that steps which wait in the broker
after its death find that they are nobody's (:func:`~dataelec_assets.lake.locks.require_run`). Dagster's own
`celery_executor` waits for ever for the step of a worker that has died; its step-delegating executor, behind those for
Kubernetes and Docker, asks how each step is, and tries it again elsewhere. Not all of it is public:
`tests/beyond/cluster` runs it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import cast

import dagster as dg
from celery import Celery, states
from celery.result import AsyncResult
from dagster._core.execution.context.system import PlanOrchestrationContext
from dagster._core.execution.plan.plan import ExecutionPlan
from dagster._core.execution.retries import RetryMode
from dagster._core.executor.step_delegating import (
    CheckStepHealthResult,
    StepDelegatingExecutor,
    StepHandler,
    StepHandlerContext,
)
from dagster._serdes import pack_value
from dagster._utils.hosted_user_process import recon_job_from_origin
from dagster_celery.tasks import create_task

from dataelec_assets.defs.queues import BUILD, QUEUE
from dataelec_assets.errors import DataElecError
from dataelec_assets.lake.handover import sweep
from dataelec_assets.lake.locks import refreshing
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Secret

# As long as Dagster lets a run take (dagster.yaml): later nobody asks what became of a step.
_RESULTS_SECONDS = 21_600

# A worker answers within milliseconds, whatever its processes compute; three times nothing within five seconds, twenty
# seconds apart (as Dagster's other executors look), is a worker that is gone and no machine that is busy.
_PING_SECONDS, _MISSED_PINGS = 5.0, 3
_LOOK_SECONDS = {"check_step_health_interval_seconds": dg.Field(int, default_value=20)}


# As dagster-celery names the one that executes a step.
_TASK = "execute_plan"


def celery_app(broker: Secret) -> Celery:
    """Return the application that workers run and launchers give steps to."""
    address = broker.get_secret_value()
    app = Celery("dataelec", broker=address, backend=address)
    app.conf.update(
        task_default_queue=BUILD,
        # Which worker has a step, to ask it how it is.
        task_track_started=True,
        # A worker takes a step when it is free to begin: what waits stays where every worker sees it.
        worker_prefetch_multiplier=1,
        worker_disable_prefetch=True,
        result_expires=_RESULTS_SECONDS,
        broker_connection_retry_on_startup=True,
    )
    create_task(app)
    return app


def on_workers(ctx: RunContext, broker: Secret) -> dg.ExecutorDefinition:
    """Return the executor of jobs whose steps workers take."""

    @dg.executor(name="workers", config_schema=_LOOK_SECONDS, requirements=dg.multiple_process_executor_requirements())
    def workers(context: dg.InitExecutorContext) -> _OnWorkers:
        return _OnWorkers(ctx, broker, cast("int", context.executor_config["check_step_health_interval_seconds"]))

    return workers


class _OnWorkers(StepDelegatingExecutor):
    """Holds the refresh of the lake while workers take the steps of a run."""

    def __init__(self, ctx: RunContext, broker: Secret, seconds: int) -> None:
        steps = _Steps(celery_app(broker))
        super().__init__(steps, RetryMode(RetryMode.ENABLED), check_step_health_interval_seconds=seconds)
        self._ctx = ctx

    def execute(
        self, plan_context: PlanOrchestrationContext, execution_plan: ExecutionPlan
    ) -> Iterator[dg.DagsterEvent]:
        """Yield what the steps record; wait first for other refreshes of the lake to end."""
        run, paths = plan_context.dagster_run, self._ctx.paths
        try:
            with refreshing(paths, wait_seconds=self._ctx.lock_wait_seconds, run=run.run_id):
                yield from super().execute(plan_context, execution_plan)
                # Those of this run stay, for one that takes it up where it failed. Steps of a dead run may still read
                # theirs, so these go last; what such a step writes at this moment goes with the next run.
                sweep(paths, keep=(run.run_id, run.parent_run_id))
        except DataElecError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from error


class _Steps(StepHandler):
    """Gives a step to the workers, and asks how it is.

    Args:
        app: through which workers are reached.
    """

    def __init__(self, app: Celery) -> None:
        super().__init__()
        self._app = app
        self._missed: Counter[str] = Counter()

    @property
    def name(self) -> str:
        """What Dagster's log calls it."""
        return "Celery"

    def launch_step(self, step_handler_context: StepHandlerContext) -> Iterator[dg.DagsterEvent]:
        """Put a step into its queue."""
        (tags,) = step_handler_context.step_tags.values()
        arguments = step_handler_context.execute_step_args
        self._app.send_task(
            _TASK,
            kwargs={
                "execute_step_args_packed": pack_value(arguments),
                "executable_dict": recon_job_from_origin(arguments.job_origin).to_dict(),
            },
            task_id=_task_id(step_handler_context),
            queue=tags.get(QUEUE, BUILD),
        )
        return iter(())

    def check_step_health(self, step_handler_context: StepHandlerContext) -> CheckStepHealthResult:
        """Return whether a step waits, is at work or has ended by itself."""
        task_id = _task_id(step_handler_context)
        result = AsyncResult(task_id, app=self._app)
        if result.state in (states.FAILURE, states.REVOKED):
            return CheckStepHealthResult.unhealthy(f"its worker reports {result.result!r}")
        if result.state == states.STARTED:
            worker = result.info["hostname"]
            answers = self._app.control.ping(destination=[worker], timeout=_PING_SECONDS)
            self._missed[task_id] = 0 if answers else self._missed[task_id] + 1
            if self._missed[task_id] >= _MISSED_PINGS:
                return CheckStepHealthResult.unhealthy(f"the worker {worker} no longer answers")
        return CheckStepHealthResult.healthy()

    def terminate_step(self, step_handler_context: StepHandlerContext) -> Iterator[dg.DagsterEvent]:
        """Take a step out of its queue, or end the process that is at it."""
        self._app.control.revoke(_task_id(step_handler_context), terminate=True)
        return iter(())


def _task_id(context: StepHandlerContext) -> str:
    """Return the same name for the same try of a step, so that nothing has to be remembered."""
    arguments = context.execute_step_args
    (step,) = arguments.step_keys_to_execute or ()
    tries = arguments.known_state.get_retry_state().get_attempt_count(step) if arguments.known_state else 0
    return f"{arguments.run_id}.{step}.{tries}"
