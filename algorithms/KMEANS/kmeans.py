"""Cluster the rows of a table around k means."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans


def main(
    table: Path,
    columns: str,
    k: int = 3,
    max_runs: int = 10,
    max_optimization_steps: int = 5,
    min_points: int = 2,
    seed: int = 0,
) -> pd.DataFrame:
    """The table with the columns `clusterid` and `outlier`.

    Lloyd's algorithm starts max_runs times from different means (k-means++); the run with the
    smallest sum of squared distances counts.

    Args:
        table: CSV with a header row.
        columns: names of numeric columns, separated by |.
        k: number of clusters.
        max_runs: how often to start.
        max_optimization_steps: how often a run may move the means.
        min_points: a cluster with no more points than this is one of outliers.
        seed: where the random numbers begin; the same seed gives the same clusters.
    """
    frame = pd.read_csv(table, dtype=str, keep_default_na=False, skipinitialspace=True)
    points = numbers(frame, columns)
    if k > (distinct := len(np.unique(points, axis=0))):
        raise ValueError(f"k is {k}, but the table has only {distinct} different points")
    print("#progress 20 clustering", flush=True)
    model = KMeans(k, n_init=max_runs, max_iter=max_optimization_steps, random_state=seed)
    cluster = pd.factorize(model.fit_predict(points))[0] + 1
    outlier = np.bincount(cluster)[cluster] <= min_points
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
