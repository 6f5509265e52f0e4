# -*- coding: latin-1 -*-
"""Überfahrten je Monat; die Datei ist in Latin-1 geschrieben."""

import matplotlib.pyplot as plt

monate = ["Januar", "Februar", "März", "April", "Mai", "Juni"]
fahrgäste = [310, 295, 480, 720, 990, 1240]

plt.plot(monate, fahrgäste, marker="o", color="teal")
plt.fill_between(monate, fahrgäste, alpha=0.2, color="teal")
plt.ylabel("Fahrgäste")
plt.title("Die Fähre füllt sich")
plt.show()
