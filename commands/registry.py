"""Every use case, by its command: a tuple to read, and the union that the interfaces decode."""

from types import ModuleType
from typing import cast

from commands import (
    add_vehicle,
    amend_booking,
    apply_for_permit,
    begin_stay,
    book_voucher,
    cancel_application,
    cancel_booking,
    cancel_notice,
    change_email,
    change_visitor,
    check_occupancy,
    close_case,
    correct_cover,
    correct_outage,
    decide_appeal,
    decide_application,
    decide_case,
    declare_outage,
    end_stay,
    enrol_resident,
    forget_visitor,
    grant_allowance,
    lapse,
    link_mobile,
    list_property,
    move_out,
    note_notice,
    observe_permit,
    open_case,
    override_eligibility,
    pay_for_applications,
    receive_text,
    record_appeal,
    record_evidence,
    record_vehicle_facts,
    refund_holding,
    register_resident,
    remove_vehicle,
    replace_permit,
    reuse_proof,
    save_visitor,
    send_pin,
    surrender_holding,
    switch_vehicle,
    take_misuse_step,
    upload_proof,
    use_card,
    withdraw_outage,
)
from commands.base import Command, UseCase

CASES: tuple[tuple[type[Command], ModuleType], ...] = (
    (list_property.ListProperty, list_property),
    (override_eligibility.OverrideEligibility, override_eligibility),
    (register_resident.RegisterResident, register_resident),
    (enrol_resident.EnrolResident, enrol_resident),
    (link_mobile.LinkMobile, link_mobile),
    (send_pin.SendPin, send_pin),
    (record_vehicle_facts.RecordVehicleFacts, record_vehicle_facts),
    (apply_for_permit.ApplyForPermit, apply_for_permit),
    (upload_proof.UploadProof, upload_proof),
    (reuse_proof.ReuseProof, reuse_proof),
    (check_occupancy.CheckOccupancy, check_occupancy),
    (decide_application.DecideApplication, decide_application),
    (pay_for_applications.PayForApplications, pay_for_applications),
    (cancel_application.CancelApplication, cancel_application),
    (book_voucher.BookVoucher, book_voucher),
    (amend_booking.AmendBooking, amend_booking),
    (cancel_booking.CancelBooking, cancel_booking),
    (receive_text.ReceiveText, receive_text),
    (add_vehicle.AddVehicle, add_vehicle),
    (remove_vehicle.RemoveVehicle, remove_vehicle),
    (switch_vehicle.SwitchVehicle, switch_vehicle),
    (use_card.UseCard, use_card),
    (begin_stay.BeginStay, begin_stay),
    (end_stay.EndStay, end_stay),
    (observe_permit.ObservePermit, observe_permit),
    (surrender_holding.SurrenderHolding, surrender_holding),
    (refund_holding.RefundHolding, refund_holding),
    (replace_permit.ReplacePermit, replace_permit),
    (grant_allowance.GrantAllowance, grant_allowance),
    (correct_cover.CorrectCover, correct_cover),
    (take_misuse_step.TakeMisuseStep, take_misuse_step),
    (save_visitor.SaveVisitor, save_visitor),
    (change_visitor.ChangeVisitor, change_visitor),
    (forget_visitor.ForgetVisitor, forget_visitor),
    (change_email.ChangeEmail, change_email),
    (move_out.MoveOut, move_out),
    (note_notice.NoteNotice, note_notice),
    (cancel_notice.CancelNotice, cancel_notice),
    (open_case.OpenCase, open_case),
    (record_evidence.RecordEvidence, record_evidence),
    (decide_case.DecideCase, decide_case),
    (record_appeal.RecordAppeal, record_appeal),
    (decide_appeal.DecideAppeal, decide_appeal),
    (close_case.CloseCase, close_case),
    (declare_outage.DeclareOutage, declare_outage),
    (correct_outage.CorrectOutage, correct_outage),
    (withdraw_outage.WithdrawOutage, withdraw_outage),
    (lapse.Lapse, lapse),
)

USE_CASES: dict[type[Command], UseCase] = {
    command: cast(UseCase, module) for command, module in CASES
}


def tag_of(command: type[Command]) -> str:
    """The command's name in requests: `book_voucher`."""
    tag = command.__struct_config__.tag
    assert isinstance(tag, str)
    return tag


BY_TAG: dict[str, type[Command]] = {tag_of(command): command for command, _ in CASES}
