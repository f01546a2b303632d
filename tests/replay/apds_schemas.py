"""JSON Schemas of the APDS shapes that are exported, written from the field lists of the reference.

They are as the specification has them at c64c5f5 but for what is not exported; `patched` mends its
two faults: `Reference` allows one property and requires two, and `HolderCredential` is one of three
shapes that are the same. Objects are closed here, so that a misspelt name is found.

Source: reference/enforcement-and-evidence.md, C.1 and C.3.
"""

from typing import Any, Literal

INSTANT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"}
COUNT = {"type": "integer", "minimum": 0}
TYPES = [
    "barcode",
    "bluetooth",
    "eticket",
    "hangtag",
    "licensePlate",
    "permit",
    "qrCode",
    "rfid",
    "ticket",
    "electronicID",
    "ticketcoupon",
    "vehicleplate",
]


def closed(required: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required.split(),
        "properties": properties,
    }


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/definitions/{name}"}


def some(of: Any, least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": of, "minItems": least}


def texts(profile: Literal["apds", "npp"]) -> dict[str, Any]:
    if profile == "npp":
        text = {"type": "string", "minLength": 1}
        return {"type": "object", "minProperties": 1, "additionalProperties": text}
    line = closed("language string", language={"type": "string"}, string={"type": "string"})
    return some(line, 1)


def definitions(patched: bool, profile: Literal["apds", "npp"]) -> dict[str, Any]:
    reference = closed("className id", className={"type": "string"}, id={"type": "string"})
    if not patched:
        reference["maxProperties"] = 1
    credential = closed(
        "type identifier issuer",
        type={"enum": TYPES},
        identifier=ref("Reference"),
        issuer=ref("MultilingualString"),
    )
    alike = [ref(f"{name}Credential") for name in ("Vehicle", "Customer", "Other")]
    versioned = {"id": {"type": "string"}, "version": {"type": "integer", "minimum": 1}}
    return {
        "Reference": reference,
        "VersionedReference": closed("id version", className={"type": "string"}, **versioned),
        "MultilingualString": texts(profile),
        "VehicleCredential": credential,
        "CustomerCredential": credential,
        "OtherCredential": credential,
        "HolderCredential": {"anyOf" if patched else "oneOf": alike},
        **shapes(versioned),
        **seen(versioned),
    }


def shapes(versioned: dict[str, Any]) -> dict[str, Any]:
    """What is exported itself, and the uses of a right."""
    return {
        "PlannedUse": closed(
            "startTime credentialsAssigned",
            startTime=INSTANT,
            endTime=INSTANT,
            expiryTime=INSTANT,
            cancelTime=INSTANT,
            issuanceTime=INSTANT,
            issueMethod={"enum": ["electronic", "ticket", "permit"]},
            issuer=ref("MultilingualString"),
            credentialsAssigned=some(ref("HolderCredential"), 1),
        ),
        "AssignedRight": closed(
            "id version rightHolder rightSpecification",
            **versioned,
            rightHolder=closed("", credentials=some(ref("HolderCredential"))),
            rightSpecification=ref("VersionedReference"),
            expiry=INSTANT,
            issuanceTime=INSTANT,
            assignedRightIssuer=ref("Reference"),
            instancesAvailable=COUNT,
            instancesUsed=COUNT,
            totalInstances=COUNT,
            issueMethod={"enum": ["electronic", "ticket", "permit"]},
            plannedUses=some(ref("PlannedUse")),
        ),
        "RightSpecification": closed(
            "id version issuer transferable hierarchyElements",
            **versioned,
            description=ref("MultilingualString"),
            expiry=INSTANT,
            issuer=ref("Reference"),
            transferable={"type": "boolean"},
            type={
                "enum": [
                    "accessPermission",
                    "loadingUnloading",
                    "oneTimeUseParking",
                    "permitParking",
                    "setdownPickup",
                    "waiting",
                ]
            },
            hierarchyElements=some(ref("VersionedReference"), 1),
        ),
    }


def seen(versioned: dict[str, Any]) -> dict[str, Any]:
    """What took place: observations and sessions."""
    return {
        "ObservationElement": closed(
            "id version method observationStartTime creationDateTime location observerOrganisation",
            **versioned,
            method={"enum": ["anpr", "chalk", "rfTransponder", "scanner", "visual"]},
            type={"enum": TYPES},
            observedCredentialId={"type": "string"},
            observationStartTime=INSTANT,
            observationEndTime=INSTANT,
            description=ref("MultilingualString"),
            creationDateTime=INSTANT,
            location=closed(
                "observerLocation",
                observedLocation={"type": "object"},
                observedLocationTextual=ref("MultilingualString"),
                observerLocation={"type": "object", "minProperties": 1},
            ),
            observerOrganisation=ref("VersionedReference"),
        ),
        "ObservationSet": closed(
            "creationDateTime creator",
            creationDateTime=INSTANT,
            creator=ref("VersionedReference"),
            observationElements=some(ref("ObservationElement")),
        ),
        "Segment": closed(
            "actualStart assignedRight validationType",
            actualStart=INSTANT,
            actualEnd=INSTANT,
            assignedRight=ref("VersionedReference"),
            validationType=some({"type": "string"}),
            validationId={"type": "string"},
            spaceId={"type": "string"},
            credentialId={"type": "string"},
        ),
        "Session": closed(
            "actualStart initiator identifiedCredentials segments",
            actualStart=INSTANT,
            actualEnd=INSTANT,
            initiator=ref("Reference"),
            identifiedCredentials=some(ref("HolderCredential"), 1),
            segments=some(ref("Segment"), 1),
        ),
    }


def schema(
    name: str, *, patched: bool = True, profile: Literal["apds", "npp"] = "apds"
) -> dict[str, Any]:
    """The schema of one shape, to be used with Draft 4."""
    return {**ref(name), "definitions": definitions(patched, profile)}
