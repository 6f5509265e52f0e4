"""What tests of room supply read and say."""

from viscode.supply.wanted import Hole, Wanted

IMPORTS = """
import os
from datetime import datetime
import cv2
import matplotlib.pyplot as plt
import networkx as nx
import numpy as np
import pandas as pd
import plotly.express as px
import scipy.signal
import plotly.graph_objects as go
import seaborn as sns
from scipy.optimize import curve_fit
from sklearn.cluster import KMeans
from sklearn.linear_model import LinearRegression
from sklearn.metrics import confusion_matrix, roc_curve
from sklearn.model_selection import train_test_split
"""

READ = Hole("df", "pd.read_csv('data.csv')", "pandas.read_csv()")


def said(wanted: Wanted) -> str:
    """A value in short: "array[?,3] number", "frame{age: number, sex: text}"."""
    sizes = ",".join("?" if size is None else str(size) for size in wanted.shape or ())
    text = wanted.kind + (f"[{sizes}]" if wanted.kind in ("array", "list", "axes") else "")
    if wanted.kind == "frame" and len(wanted.shape or ()) > 1:
        text += f"[{sizes}]"
    if wanted.parts:
        parts = (f"{name}: {said(part)}" for name, part in sorted(wanted.parts.items()))
        return text + "{" + ", ".join(parts) + "}"
    if wanted.kind == "series" and wanted.item is not None:
        return said(wanted.item)
    return f"{text} {said(wanted.item)}" if wanted.item is not None else text
