"""The models that find faces and objects: whether they exist and can be loaded."""

from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from faces.engine import EngineUnavailable, get_engine
from photos.objects import ObjectDetector, UnusableModel
from pickeez_site.operations.doctor.findings import Finding, errors_as_findings, ok, problem, warning


@errors_as_findings("face models")
def check_face_models() -> Finding:
    """Whether the face engine can be loaded, with its weights. This takes a second or two."""
    advice = "Check FACE_ENGINE, FACE_MODEL and FACE_DETECTOR, and install requirements.txt."
    try:
        engine = get_engine()
    except ImportError as error:
        return problem("face models", f"{settings.FACE_ENGINE} cannot be imported ({error})", advice)
    except (EngineUnavailable, ImproperlyConfigured) as error:
        return problem("face models", str(error).rstrip("."), advice)
    except (OSError, ValueError, RuntimeError) as error:
        return problem("face models", f"they cannot be loaded ({error})", f"Remove DEEPFACE_HOME. {advice}")
    return ok("face models", f"{engine.name} is loaded")


@errors_as_findings("object model")
def check_object_detector() -> Finding:
    """Whether the object model exists, and is a network of a known family."""
    path = Path(settings.OBJECT_MODEL)
    advice = "`manage.py fetch_models` downloads the default one; or set OBJECT_MODEL to another."
    if not path.is_file():
        return warning("object model", f"{path} is missing: photos get no object classes", advice)
    try:
        ObjectDetector(path)
    except UnusableModel as error:
        return problem("object model", f"{path} cannot be used: {error}", advice)
    except ImportError as error:
        return problem("object model", f"onnxruntime is missing ({error})", "Install requirements.txt.")
    return ok("object model", f"{path.name} is loaded")
