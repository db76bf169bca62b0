from django.urls import path

from orders.views import help_page, listing, paying

urlpatterns = [
    path("orders/", listing.order_list, name="order-list"),
    path("orders/export/", listing.export_orders, name="order-export"),
    path("orders/<order_number:number>/pay/balance/", paying.pay_from_balance, name="order-pay-balance"),
    path("orders/<order_number:number>/pay/", paying.order_pay, name="order-pay"),
    path("orders/<order_number:number>/cancel/", paying.cancel, name="order-cancel"),
    path("orders/<order_number:number>/", listing.order_detail, name="order-detail"),
    path("help/", help_page.help_page, name="help"),
]
