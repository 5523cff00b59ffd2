"""The way to the service from Python: typed, patient, and on the safe side where there is no answer.

>>> from serving.client import Client, OrderRequest
>>> order = OrderRequest.model_validate({
...     "order_id": "o-17", "reseller_id": "r-3", "lines": [{"line_id": "1", "sku": "kit-2", "quantity": 2}],
... })
>>> with Client("http://127.0.0.1:1", key="dvr_...", attempts=1) as client:
...     advice = client.advise(order)
>>> advice.action, advice.answer, advice.why
('hold', None, 'no answer: ConnectError')
"""

from serving.client.advice import Advice, is_sensitive_unless_told
from serving.client.asynchronous import AsyncClient
from serving.client.errors import CannotAnswer, ServiceError, ServiceProblem
from serving.client.synchronous import Client
from serving.contract import Answer, LineRequest, OrderRequest, ShipTo
from serving.inquiry_contract import RowAnswer
from serving.intake_contract import ConfirmationRequest, FindingRequest, StatusRequest

__all__ = [
    "Advice",
    "Answer",
    "AsyncClient",
    "CannotAnswer",
    "Client",
    "ConfirmationRequest",
    "FindingRequest",
    "LineRequest",
    "OrderRequest",
    "RowAnswer",
    "ServiceError",
    "ServiceProblem",
    "ShipTo",
    "StatusRequest",
    "is_sensitive_unless_told",
]
