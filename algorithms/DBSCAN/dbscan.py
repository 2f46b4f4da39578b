"""Cluster the rows of a table by density; what is held in memory does not grow with epsilon."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.neighbors import KDTree

PAIRS = 2_000_000  # neighbours held in memory at a time


def main(table: Path, columns: str, epsilon: float = 10.0, min_points: int = 1) -> pd.DataFrame:
    """The table with the columns `clusterid` and `outlier`.

    A point is dense when at least min_points points, itself among them, lie within epsilon of
    it. Dense points within epsilon of one another belong to one cluster; another point joins
    the cluster of the nearest dense point within epsilon, or else is noise.

    Args:
        table: CSV with a header row.
        columns: names of numeric columns, separated by |.
        epsilon: Euclidean distance, in the units of the columns.
        min_points: how many points make a neighbourhood dense.

    Source: M. Ester and others, "A density-based algorithm for discovering clusters", KDD 1996.
    """
    if not (0 < epsilon < float("inf") and min_points >= 1):
        raise ValueError("epsilon must be a positive number, and min_points at least 1")
    frame = pd.read_csv(table, dtype=str, keep_default_na=False, skipinitialspace=True)
    cluster = dbscan(numbers(frame, columns), epsilon, min_points)
    members = np.bincount(cluster)[cluster]
    outlier = (cluster == 0) | (members <= min_points)
    return frame.assign(clusterid=cluster, outlier=np.where(outlier, "true", "false"))


def numbers(frame: pd.DataFrame, columns: str) -> np.ndarray:
    """The cells of these columns as numbers (rows x columns)."""
    names = [name.strip() for name in columns.split("|")]
    if unknown := [name for name in names if name not in frame]:
        missing = ", ".join(f"'{name}'" for name in unknown)
        raise ValueError(f"no column {missing}; the table has {', '.join(frame)}")
    if frame.empty:
        raise ValueError("the table has no rows")
    values = frame[names].apply(pd.to_numeric, errors="coerce").to_numpy(float)
    wrong = np.argwhere(~np.isfinite(values))
    if len(wrong):
        row, column = wrong[0]
        place = f"row {row + 1}, column {names[column]}"
        raise ValueError(f"{place}: '{frame[names].iloc[row, column]}' is not a number")
    return values


def dbscan(points: np.ndarray, epsilon: float, min_points: int) -> np.ndarray:
    """The cluster of each point, numbered from 1 as they occur; 0 is noise."""
    print("#progress 10 looking for dense points", flush=True)
    near = KDTree(points).query_radius(points, epsilon, count_only=True)
    dense = near >= min_points
    label = np.full(len(points), np.nan)
    if dense.any():
        label[dense] = _connected(points[dense], epsilon, near[dense])
    if dense.any() and not dense.all():
        distance, nearest = KDTree(points[dense]).query(points[~dense])
        label[~dense] = np.where(distance <= epsilon, label[dense][nearest], np.nan)[:, 0]
    return pd.factorize(label)[0] + 1


def _connected(points: np.ndarray, epsilon: float, near: np.ndarray) -> np.ndarray:
    """A number for each point, the same for all that steps of at most epsilon connect."""
    tree, size = KDTree(points), len(points)
    group = np.arange(size)
    for batch in _batches(near):
        found = tree.query_radius(points[batch], epsilon)
        here = group[np.repeat(batch, [len(neighbours) for neighbours in found])]
        there = group[np.concatenate(found)]
        new = here != there
        graph = coo_array((np.ones(new.sum()), (here[new], there[new])), shape=(size, size))
        group = connected_components(graph, directed=False)[1][group]
        print(f"#progress {10 + 80 * (batch[-1] + 1) // size} connecting points", flush=True)
    return group


def _batches(near: np.ndarray) -> Iterator[np.ndarray]:
    """Numbers of points in pieces that have about PAIRS neighbours together."""
    ends = np.flatnonzero(np.diff(np.cumsum(near) // PAIRS)) + 1
    return iter(np.split(np.arange(len(near)), ends))
