"""Every port in memory: for tests and benchmarks, and the contract's reference.

May import domain and ports, nothing else.
"""

from dataminer.adapters.memory.accounts import MemoryAccounts
from dataminer.adapters.memory.blobs import MemoryBlobs
from dataminer.adapters.memory.catalogue import MemoryCatalogue
from dataminer.adapters.memory.computations import MemoryComputations
from dataminer.adapters.memory.fetcher import MemoryFetcher
from dataminer.adapters.memory.signals import MemoryDispatcher, MemoryEvents, MemoryNodes
from dataminer.adapters.memory.workspace import MemoryWorkspace

__all__ = [
    "MemoryAccounts",
    "MemoryBlobs",
    "MemoryCatalogue",
    "MemoryComputations",
    "MemoryDispatcher",
    "MemoryEvents",
    "MemoryFetcher",
    "MemoryNodes",
    "MemoryWorkspace",
]
