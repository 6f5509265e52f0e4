"""Slices of plotting scripts as in coursework and research code, each with the names that it reads
and does not bind."""

SLICES: dict[str, tuple[str, str]] = {
    "columns chosen in a loop": (
        "df",
        """
import matplotlib.pyplot as plt

fig, axes = plt.subplots(2, 2, figsize=(10, 8))
for ax, column in zip(axes.flat, ["age", "income", "height", "weight"]):
    ax.hist(df[column], bins=10)
    ax.set_title(column)
plt.show()
""",
    ),
    "keys made at run time": (
        "results",
        """
import matplotlib.pyplot as plt

for name in ("train", "test"):
    plt.plot(results[f"{name}_loss"], label=name)
plt.xlabel("epoch")
plt.legend()
plt.show()
""",
    ),
    "history of training": (
        "history",
        """
import matplotlib.pyplot as plt

acc = history.history["accuracy"]
val_acc = history.history["val_accuracy"]
epochs = range(1, len(acc) + 1)
plt.plot(epochs, acc, "bo", label="Training")
plt.plot(epochs, val_acc, "b", label="Validation")
plt.title("Accuracy")
plt.legend()
plt.show()
""",
    ),
    "values beside a known axis": (
        "losses",
        """
import matplotlib.pyplot as plt
import numpy as np

steps = np.arange(0, 100, 10)
plt.plot(steps, losses, marker="o")
plt.xlabel("step")
plt.show()
""",
    ),
    "bars beside labels": (
        "scores errors",
        """
import matplotlib.pyplot as plt

models = ["SVM", "Random forest", "kNN", "Bayes"]
plt.bar(models, scores, yerr=errors, capsize=4)
plt.ylabel("Accuracy")
plt.show()
""",
    ),
    "a matrix of unknown shape": (
        "cm class_names",
        """
import itertools
import matplotlib.pyplot as plt
import numpy as np

plt.imshow(cm, interpolation="nearest", cmap=plt.cm.Blues)
tick_marks = np.arange(len(class_names))
plt.xticks(tick_marks, class_names, rotation=45)
plt.yticks(tick_marks, class_names)
thresh = cm.max() / 2.0
for i, j in itertools.product(range(cm.shape[0]), range(cm.shape[1])):
    plt.text(j, i, format(cm[i, j], ".2f"), color="white" if cm[i, j] > thresh else "black")
plt.show()
""",
    ),
    "clusters": (
        "X labels centers",
        """
import matplotlib.pyplot as plt

plt.scatter(X[:, 0], X[:, 1], c=labels, cmap="viridis", s=30)
plt.scatter(centers[:, 0], centers[:, 1], c="red", marker="x", s=100)
plt.title("K-means")
plt.show()
""",
    ),
    "a mask per class": (
        "X y",
        """
import matplotlib.pyplot as plt

for value, color in zip([0, 1, 2], ["r", "g", "b"]):
    plt.scatter(X[y == value, 0], X[y == value, 1], color=color, label=f"class {value}")
plt.legend()
plt.show()
""",
    ),
    "a helper of the script's own": (
        "signal fs",
        """
import matplotlib.pyplot as plt
import numpy as np


def spectrum(values, rate):
    freq = np.fft.rfftfreq(len(values), 1 / rate)
    return freq, np.abs(np.fft.rfft(values))


f, s = spectrum(signal, fs)
plt.plot(f, s)
plt.xlabel("Frequency (Hz)")
plt.show()
""",
    ),
    "an object with methods": (
        "model X_test y_test",
        """
import matplotlib.pyplot as plt

y_pred = model.predict(X_test)
plt.scatter(y_test, y_pred, alpha=0.5)
plt.plot([y_test.min(), y_test.max()], [y_test.min(), y_test.max()], "r--")
plt.xlabel("true")
plt.ylabel("predicted")
plt.show()
""",
    ),
    "arguments of a command line": (
        "args",
        """
import matplotlib.pyplot as plt
import numpy as np

x = np.linspace(0, args.x_max, args.points)
plt.figure(figsize=(args.width, args.height))
plt.plot(x, np.sin(args.frequency * x), color=args.color, lw=args.linewidth)
plt.title(args.title)
plt.show()
""",
    ),
    "grouped frame": (
        "df",
        """
import matplotlib.pyplot as plt

totals = df.groupby("region")["sales"].sum()
totals.plot(kind="bar", title="Sales by region")
plt.tight_layout()
plt.show()
""",
    ),
    "rows of one kind": (
        "data",
        """
import matplotlib.pyplot as plt

men = data[data["sex"] == "male"]
women = data[data["sex"] == "female"]
plt.hist([men["age"], women["age"]], label=["men", "women"], bins=8)
plt.legend()
plt.show()
""",
    ),
    "dates of a column": (
        "df",
        """
import matplotlib.pyplot as plt
import pandas as pd

df["date"] = pd.to_datetime(df["date"])
df["month"] = df["date"].dt.month
monthly = df.groupby("month")["temperature"].mean()
plt.plot(monthly.index, monthly.values)
plt.show()
""",
    ),
    "seaborn with a frame": (
        "tips",
        """
import matplotlib.pyplot as plt
import seaborn as sns

sns.boxplot(x="day", y="total", hue="smoker", data=tips)
plt.show()
""",
    ),
    "seaborn heatmap of correlations": (
        "df",
        """
import matplotlib.pyplot as plt
import seaborn as sns

columns = ["price", "area", "rooms"]
corr = df[columns].corr()
sns.heatmap(corr, annot=True, cmap="coolwarm")
plt.show()
""",
    ),
    "pairs in a list": (
        "rows",
        """
import matplotlib.pyplot as plt

names = []
values = []
for name, value in rows:
    names.append(name.title())
    values.append(float(value))
plt.barh(names, values)
plt.show()
""",
    ),
    "a dictionary gone through": (
        "accuracy",
        """
import matplotlib.pyplot as plt

for name, values in accuracy.items():
    plt.plot(range(len(values)), values, label=name)
plt.legend()
plt.show()
""",
    ),
    "unpacked": (
        "load_data",
        """
import matplotlib.pyplot as plt

x, y, z = load_data("experiment 1")
fig = plt.figure()
ax = fig.add_subplot(projection="3d")
ax.scatter(x, y, z)
plt.show()
""",
    ),
    "a surface": (
        "loss_function",
        """
import matplotlib.pyplot as plt
import numpy as np

a = np.linspace(-2, 2, 30)
b = np.linspace(-1, 3, 30)
A, B = np.meshgrid(a, b)
Z = np.array([[loss_function(p, q) for p in a] for q in b])
plt.contourf(A, B, Z, levels=20)
plt.colorbar()
plt.show()
""",
    ),
    "an image": (
        "img",
        """
import matplotlib.pyplot as plt

h, w, channels = img.shape
gray = img.mean(axis=2)
fig, (left, right) = plt.subplots(1, 2)
left.imshow(img)
right.imshow(gray, cmap="gray")
left.set_title(f"{w} x {h}")
plt.show()
""",
    ),
    "a list of images": (
        "images titles",
        """
import matplotlib.pyplot as plt

fig, axes = plt.subplots(1, len(images), figsize=(12, 3))
for ax, image, title in zip(axes, images, titles):
    ax.imshow(image, cmap="gray")
    ax.set_title(title)
    ax.axis("off")
plt.show()
""",
    ),
    "a curve with its band": (
        "mean std",
        """
import matplotlib.pyplot as plt
import numpy as np

t = np.arange(50)
plt.plot(t, mean)
plt.fill_between(t, mean - std, mean + std, alpha=0.3)
plt.show()
""",
    ),
    "receiver operating characteristic": (
        "fpr tpr roc_auc",
        """
import matplotlib.pyplot as plt

plt.plot(fpr, tpr, color="darkorange", label="ROC curve (area = %0.2f)" % roc_auc)
plt.plot([0, 1], [0, 1], color="navy", linestyle="--")
plt.xlim([0.0, 1.0])
plt.legend(loc="lower right")
plt.show()
""",
    ),
    "importances in order": (
        "importances feature_names",
        """
import matplotlib.pyplot as plt
import numpy as np

indices = np.argsort(importances)[::-1]
plt.bar(range(len(indices)), importances[indices])
plt.xticks(range(len(indices)), [feature_names[i] for i in indices], rotation=90)
plt.show()
""",
    ),
    "axes given": (
        "ax x y title",
        """
import matplotlib.pyplot as plt

ax.plot(x, y, "k-")
ax.set_title(title, fontsize=12)
ax.grid(True)
plt.show()
""",
    ),
    "a graph": (
        "G",
        """
import matplotlib.pyplot as plt
import networkx as nx

pos = nx.spring_layout(G, seed=1)
nx.draw_networkx(G, pos, node_color="lightblue", node_size=[50 * d for n, d in G.degree()])
plt.show()
""",
    ),
    "rows of a frame": (
        "df",
        """
import matplotlib.pyplot as plt

fig, ax = plt.subplots()
for index, row in df.iterrows():
    ax.scatter(row["longitude"], row["latitude"], s=20)
    ax.annotate(str(row["city"]), (row["longitude"], row["latitude"]))
plt.show()
""",
    ),
    "a rolling mean": (
        "prices",
        """
import matplotlib.pyplot as plt

prices["short"] = prices["Close"].rolling(window=5).mean()
plt.plot(prices.index, prices["Close"], label="close")
plt.plot(prices.index, prices["short"], label="5 days")
plt.legend()
plt.show()
""",
    ),
    "smoothed rewards": (
        "rewards window",
        """
import matplotlib.pyplot as plt
import numpy as np

smooth = np.convolve(rewards, np.ones(window) / window, mode="valid")
plt.plot(rewards, alpha=0.3)
plt.plot(np.arange(window - 1, len(rewards)), smooth)
plt.show()
""",
    ),
    "a fitted line": (
        "x y",
        """
import matplotlib.pyplot as plt
import numpy as np

slope, intercept = np.polyfit(x, y, 1)
plt.scatter(x, y)
plt.plot(x, slope * x + intercept, "r")
plt.title(f"y = {slope:.2f}x + {intercept:.2f}")
plt.show()
""",
    ),
    "plotly express": (
        "df",
        """
import plotly.express as px

fig = px.scatter(df, x="gdp", y="life", color="continent", size="population")
fig.show()
""",
    ),
    "pieces of a pie": (
        "counts",
        """
import matplotlib.pyplot as plt

labels = list(counts.keys())
sizes = list(counts.values())
plt.pie(sizes, labels=labels, autopct="%1.1f%%")
plt.show()
""",
    ),
    "a class of the script's own": (
        "population years",
        """
import matplotlib.pyplot as plt


class Chart:
    def __init__(self, years, population):
        self.years = years
        self.population = population

    def draw(self):
        plt.plot(self.years, self.population / 1e6)
        plt.annotate("peak", (self.years[3], self.population[3] / 1e6))


Chart(years, population).draw()
plt.show()
""",
    ),
    "components explained": (
        "pca",
        """
import matplotlib.pyplot as plt
import numpy as np

ratio = pca.explained_variance_ratio_
plt.bar(range(1, len(ratio) + 1), ratio)
plt.step(range(1, len(ratio) + 1), np.cumsum(ratio), where="mid")
plt.show()
""",
    ),
    "boxes side by side": (
        "groups",
        """
import matplotlib.pyplot as plt

plt.boxplot([groups["control"], groups["treated"]], tick_labels=["control", "treated"])
plt.ylabel("response")
plt.show()
""",
    ),
    "counted words": (
        "text",
        """
from collections import Counter

import matplotlib.pyplot as plt

words = text.lower().split()
top = Counter(words).most_common(5)
plt.bar([word for word, count in top], [count for word, count in top])
plt.show()
""",
    ),
    "a colour for each kind": (
        "species lengths widths",
        """
import matplotlib.pyplot as plt

colors = {"setosa": "red", "versicolor": "green", "virginica": "blue"}
for kind, length, width in zip(species, lengths, widths):
    plt.scatter(length, width, color=colors[kind])
plt.show()
""",
    ),
}
