"""Print the numbers of the orders that can enter an order contract, and why others cannot."""

import sys

from centre import call

page = "orders/?eligible_for=order"
while page:
    answer = call("GET", page)
    for order in answer["results"]:
        if order["eligible"]:
            print(order["number"])
        else:
            print(order["number"], order["reason"]["code"], file=sys.stderr)
    page = answer["next"]
