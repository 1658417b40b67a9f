from django.http import HttpResponse


def play_new(request): return HttpResponse("x")
def play_edit(request, key): return HttpResponse("x")
