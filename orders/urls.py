from django.urls import path

from orders.views import listing, paying, questions

urlpatterns = [
    path("orders/", listing.order_list, name="order-list"),
    path("orders/<str:number>/", listing.order_detail, name="order-detail"),
    path("orders/<str:number>/pay/", paying.order_pay, name="order-pay"),
    path("orders/<str:number>/pay/balance/", paying.pay_from_balance, name="order-pay-balance"),
    path("orders/<str:number>/cancel/", paying.cancel, name="order-cancel"),
    path("help/", questions.help_page, name="help"),
]
