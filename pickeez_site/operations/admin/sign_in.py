"""The admin's sign-in, which counts wrong passwords."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from accounts.services import Credential, RateLimitExceeded, check_guesses, note_wrong_guess
from pickeez_site.serving.proxies import client_address


@sensitive_post_parameters("password")
@csrf_protect
@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """Django's own page; 429 after too many wrong passwords, then also for the right one."""
    address = client_address(request)
    try:
        if request.method == "POST":
            check_guesses(credential=Credential.ADMIN_PASSWORD, address=address)
        response = admin.site.login(request)
        if request.method == "POST" and response.status_code == 200:  # the form again: it was wrong
            note_wrong_guess(credential=Credential.ADMIN_PASSWORD, address=address)
    except RateLimitExceeded as error:
        words = f"Too many wrong passwords. Please try again in {-(-error.retry_after // 60)} minutes."
        return HttpResponse(
            words, status=429, content_type="text/plain", headers={"Retry-After": str(error.retry_after)}
        )
    return response
