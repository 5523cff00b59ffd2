"""What can go wrong on the way to the service.

ServiceError
├── ServiceProblem     the service answered with a problem: mend the request, or see its kind
└── CannotAnswer       no answer after all attempts: the same request may be sent again at any time
"""

from serving.contract import ProblemAnswer


class ServiceError(Exception):
    """Anything that keeps an answer away."""


class ServiceProblem(ServiceError):
    """A problem that was answered; `kind` is the last part of its type, such as ``invalid-order``."""

    def __init__(self, problem: ProblemAnswer) -> None:
        self.problem, self.status = problem, problem.status
        self.kind = problem.type.rpartition(":")[2]
        fields = "; ".join(f"{fault.pointer}: {fault.detail}" for fault in problem.errors)
        super().__init__(f"{problem.status} {self.kind}: {problem.detail}" + (f" ({fields})" if fields else ""))


class CannotAnswer(ServiceError):
    """The service did not answer, or asked to come again, as often as was tried. `cause` is what happened last."""

    def __init__(self, cause: str) -> None:
        self.cause = cause
        super().__init__(f"no answer: {cause}")
