"""Ferry lines between islands as a network; the width of a line is its number of trips a day."""

import matplotlib.pyplot as plt
import networkx as nx

TRIPS = {
    ("Alm", "Borg"): 8,
    ("Alm", "Dune"): 3,
    ("Borg", "Coral"): 5,
    ("Borg", "Dune"): 6,
    ("Coral", "Esker"): 2,
    ("Dune", "Esker"): 1,
}

graph = nx.Graph()
for (start, end), trips in TRIPS.items():
    graph.add_edge(start, end, trips=trips)

places = nx.circular_layout(graph)
widths = [graph.edges[edge]["trips"] for edge in graph.edges]
nx.draw_networkx(graph, places, width=widths, node_color="#7fc8a9", node_size=1400)
nx.draw_networkx_edge_labels(graph, places, nx.get_edge_attributes(graph, "trips"))
plt.title("Ferries a day")
plt.axis("off")
plt.show()
