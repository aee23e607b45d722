"""The models that find faces and objects: whether they exist and can be loaded."""

import logging
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from faces.engine import EngineUnavailable, engine_name, get_engine
from faces.models import Selfie
from faces.selectors import originals_to_search
from photos.images import read_picture
from photos.objects import ObjectDetector, UnusableModel
from pickeez_site.operations.demo.pictures import selfie
from pickeez_site.operations.doctor.findings import Finding, errors_as_findings, ok, problem, warning
from pickeez_site.operations.faults import faults_of_originals, faults_of_selfies

logger = logging.getLogger(__name__)


@errors_as_findings("face models")
def check_face_models() -> Finding:
    """Whether the face engine can be loaded, with its weights, and finds a face. This takes a second or two."""
    advice = "Check FACE_ENGINE, FACE_MODEL and FACE_DETECTOR, and install requirements.txt."
    try:
        engine = get_engine()
    except ImportError as error:
        return problem("face models", f"{settings.FACE_ENGINE} cannot be imported ({error})", advice)
    except (EngineUnavailable, ImproperlyConfigured) as error:
        return problem("face models", str(error).rstrip("."), advice)
    except (OSError, ValueError, RuntimeError) as error:
        return problem("face models", f"they cannot be loaded ({error})", f"Remove DEEPFACE_HOME. {advice}")
    try:
        found = engine.find_faces(read_picture(selfie("Grace")).pixels)
    except Exception as error:  # whatever it is, the engine would fail for every photo
        logger.exception("The face engine cannot search a picture.")
        return problem("face models", f"{engine.name} cannot search a picture ({error})", advice)
    if not found:
        return warning("face models", f"{engine.name} finds no face on a portrait", advice)
    return ok("face models", f"{engine.name} is loaded and finds a face on a portrait")


@errors_as_findings("face engine")
def check_what_other_engines_saw() -> Finding:
    """How many originals and selfies another engine has looked at: these are not compared with what is new."""
    originals = originals_to_search(engine_name()).count()
    selfies = Selfie.objects.of_another_engine(engine_name()).count()
    if not originals and not selfies:
        return ok("face engine", f"{engine_name()} has looked at everything")
    return warning(
        "face engine",
        f"{originals} originals and {selfies} selfies wait to be looked at by {engine_name()}",
        "`manage.py look_again --missing` does it while the server runs.",
    )


@errors_as_findings("exceptions")
def check_faults() -> Finding:
    """How many pictures the engine, or code of ours, has failed on in the last try, and the latest exception."""
    originals, selfies = faults_of_originals(), faults_of_selfies()
    if not originals.number and not selfies.number:
        return ok("exceptions", "none in the last try of any original or selfie")
    return warning(
        "exceptions",
        f"{originals.number} originals and {selfies.number} selfies met one in their last try; "
        f"the latest: {originals.latest or selfies.latest}",
        "The admin lists them. `manage.py reprocess_originals` tries failed originals again.",
    )


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
