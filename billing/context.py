def signed_in(request):
    return {}
