from django import template
from django.template.context import RequestContext

from pickeez_site.operations.dashboard.figures import Figure, figures_for

register = template.Library()


@register.inclusion_tag("dashboard/figures.html", takes_context=True)
def dashboard(context: RequestContext) -> dict[str, list[Figure]]:
    """The figures about the models that the operator may view."""
    return {"figures": figures_for(context["request"].user)}
