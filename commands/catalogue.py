"""Every request there is, and the function that answers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from commands.agreement.end_agreement import EndAgreement, end_agreement
from commands.agreement.register_agreement import RegisterAgreement, register_agreement
from commands.agreement.sign_agreement import SignAgreement, sign_agreement
from commands.calendar.approve_calendar import ApproveCalendar, approve_calendar
from commands.calendar.assign_service_calendar import (
    AssignServiceCalendar,
    assign_service_calendar,
)
from commands.calendar.draft_calendar import DraftCalendar, draft_calendar
from commands.calendar.publish_calendar import PublishCalendar, publish_calendar
from commands.command import Append, Command, Desk
from commands.complaint.accept_remedy_plan import AcceptRemedyPlan, accept_remedy_plan
from commands.complaint.acknowledge_complaint import AcknowledgeComplaint, acknowledge_complaint
from commands.complaint.apply_remedy import ApplyRemedy, apply_remedy
from commands.complaint.approve_remedy_plan import ApproveRemedyPlan, approve_remedy_plan
from commands.complaint.assign_complaint import AssignComplaint, assign_complaint
from commands.complaint.classify_complaint import ClassifyComplaint, classify_complaint
from commands.complaint.close_complaint import CloseComplaint, close_complaint
from commands.complaint.communicate_outcome import CommunicateOutcome, communicate_outcome
from commands.complaint.complete_investigation import CompleteInvestigation, complete_investigation
from commands.complaint.decline_remedy_plan import DeclineRemedyPlan, decline_remedy_plan
from commands.complaint.draft_remedy_plan import DraftRemedyPlan, draft_remedy_plan
from commands.complaint.extend_investigation import ExtendInvestigation, extend_investigation
from commands.complaint.follow_up_complaint import FollowUpComplaint, follow_up_complaint
from commands.complaint.receive_complaint import ReceiveComplaint, receive_complaint
from commands.complaint.record_publication_consent import (
    RecordPublicationConsent,
    record_publication_consent,
)
from commands.complaint.refer_complaint import ReferComplaint, refer_complaint
from commands.complaint.register_complaint import RegisterComplaint, register_complaint
from commands.complaint.reopen_complaint import ReopenComplaint, reopen_complaint
from commands.complaint.resolve_complaint import ResolveComplaint, resolve_complaint
from commands.complaint.review_remedy_plan import ReviewRemedyPlan, review_remedy_plan
from commands.customer.complete_profile import CompleteProfile, complete_profile
from commands.customer.correct_profile import CorrectProfile, correct_profile
from commands.customer.erase_customer import EraseCustomer, erase_customer
from commands.customer.evaluate_tier import EvaluateTier, evaluate_tier
from commands.customer.give_collection_notice import (
    GiveCollectionNotice,
    give_collection_notice,
)
from commands.customer.grant_consent import GrantConsent, grant_consent
from commands.customer.mark_dormant import MarkDormant, mark_dormant
from commands.customer.note_consent_expiry import NoteConsentExpiry, note_consent_expiry
from commands.customer.note_profile_change import NoteProfileChange, note_profile_change
from commands.customer.reactivate_customer import ReactivateCustomer, reactivate_customer
from commands.customer.record_interaction import RecordInteraction, record_interaction
from commands.customer.register_customer import RegisterCustomer, register_customer
from commands.customer.release_marketing_contact import (
    ReleaseMarketingContact,
    release_marketing_contact,
)
from commands.customer.share_personal_data import SharePersonalData, share_personal_data
from commands.customer.withdraw_consent import WithdrawConsent, withdraw_consent
from commands.duty.note_duty_missed import NoteDutyMissed, note_duty_missed
from commands.duty.open_duty_period import OpenDutyPeriod, open_duty_period
from commands.duty.perform_duty import PerformDuty, perform_duty
from commands.order.accept_return import AcceptReturn, accept_return
from commands.order.cancel_order import CancelOrder, cancel_order
from commands.order.place_order import PlaceOrder, place_order
from commands.policy.approve_policy import ApprovePolicy, approve_policy
from commands.policy.draft_policy import DraftPolicy, draft_policy
from commands.policy.draft_policy_row import DraftPolicyRow, draft_policy_row
from commands.policy.drop_policy_row import DropPolicyRow, drop_policy_row
from commands.policy.file_policy import FilePolicy, file_policy
from commands.policy.lapse_policy import LapsePolicy, lapse_policy
from commands.policy.open_policy_draft import OpenPolicyDraft, open_policy_draft
from commands.policy.publish_policy import PublishPolicy, publish_policy
from commands.policy.publish_shipped_policy import PublishShippedPolicy, publish_shipped_policy
from commands.policy.review_policy import ReviewPolicy, review_policy
from commands.policy.revise_policy import RevisePolicy, revise_policy
from commands.policy.withdraw_policy_draft import WithdrawPolicyDraft, withdraw_policy_draft
from commands.privacy.answer_privacy_request import AnswerPrivacyRequest, answer_privacy_request
from commands.privacy.begin_destruction import BeginDestruction, begin_destruction
from commands.privacy.evaluate_retention import EvaluateRetention, evaluate_retention
from commands.privacy.execute_privacy_request import ExecutePrivacyRequest, execute_privacy_request
from commands.privacy.identify_requester import IdentifyRequester, identify_requester
from commands.privacy.note_erasure_step import NoteErasureStep, note_erasure_step
from commands.privacy.place_legal_hold import PlaceLegalHold, place_legal_hold
from commands.privacy.receive_privacy_request import ReceivePrivacyRequest, receive_privacy_request
from commands.privacy.refuse_privacy_request import RefusePrivacyRequest, refuse_privacy_request
from commands.privacy.release_legal_hold import ReleaseLegalHold, release_legal_hold
from commands.privacy.restrict_processing import RestrictProcessing, restrict_processing
from commands.staff.approve_access import ApproveAccess, approve_access
from commands.staff.decline_access import DeclineAccess, decline_access
from commands.staff.grant_access import GrantAccess, grant_access
from commands.staff.record_joiner import RecordJoiner, record_joiner
from commands.staff.record_leaver import RecordLeaver, record_leaver
from commands.staff.record_post_change import RecordPostChange, record_post_change
from commands.staff.request_access import RequestAccess, request_access
from commands.staff.revoke_access import RevokeAccess, revoke_access
from commands.ticket.add_internal_note import AddInternalNote, add_internal_note
from commands.ticket.answer_inquiry import AnswerInquiry, answer_inquiry
from commands.ticket.ask_customer import AskCustomer, ask_customer
from commands.ticket.assign_ticket import AssignTicket, assign_ticket
from commands.ticket.change_ticket_market import ChangeTicketMarket, change_ticket_market
from commands.ticket.change_ticket_priority import ChangeTicketPriority, change_ticket_priority
from commands.ticket.close_ticket import CloseTicket, close_ticket
from commands.ticket.follow_up_ticket import FollowUpTicket, follow_up_ticket
from commands.ticket.merge_ticket import MergeTicket, merge_ticket
from commands.ticket.note_tier_change import NoteTierChange, note_tier_change
from commands.ticket.put_ticket_on_hold import PutTicketOnHold, put_ticket_on_hold
from commands.ticket.receive_inquiry import ReceiveInquiry, receive_inquiry
from commands.ticket.record_auto_reply import RecordAutoReply, record_auto_reply
from commands.ticket.record_customer_reply import RecordCustomerReply, record_customer_reply
from commands.ticket.refer_requirement import ReferRequirement, refer_requirement
from commands.ticket.reopen_ticket import ReopenTicket, reopen_ticket
from commands.ticket.resolve_ticket import ResolveTicket, resolve_ticket
from commands.ticket.resume_ticket import ResumeTicket, resume_ticket
from commands.ticket.send_first_response import SendFirstResponse, send_first_response
from commands.ticket.send_message import SendMessage, send_message
from commands.ticket.start_work import StartWork, start_work
from commands.timers.excuse_breach import ExcuseBreach, excuse_breach
from commands.timers.migrate_timers import MigrateTimers, migrate_timers
from commands.timers.note_due import NoteDue, note_due

HANDLERS: Mapping[type[Command], Callable[[Any, Desk], Append]] = {
    RegisterCustomer: register_customer,
    CompleteProfile: complete_profile,
    CorrectProfile: correct_profile,
    NoteProfileChange: note_profile_change,
    RecordInteraction: record_interaction,
    GiveCollectionNotice: give_collection_notice,
    GrantConsent: grant_consent,
    WithdrawConsent: withdraw_consent,
    NoteConsentExpiry: note_consent_expiry,
    ReleaseMarketingContact: release_marketing_contact,
    SharePersonalData: share_personal_data,
    EvaluateTier: evaluate_tier,
    MarkDormant: mark_dormant,
    ReactivateCustomer: reactivate_customer,
    EraseCustomer: erase_customer,
    PlaceOrder: place_order,
    CancelOrder: cancel_order,
    AcceptReturn: accept_return,
    ReceiveInquiry: receive_inquiry,
    RecordAutoReply: record_auto_reply,
    SendFirstResponse: send_first_response,
    SendMessage: send_message,
    AnswerInquiry: answer_inquiry,
    AskCustomer: ask_customer,
    RecordCustomerReply: record_customer_reply,
    AddInternalNote: add_internal_note,
    AssignTicket: assign_ticket,
    StartWork: start_work,
    ReferRequirement: refer_requirement,
    PutTicketOnHold: put_ticket_on_hold,
    ResumeTicket: resume_ticket,
    ChangeTicketPriority: change_ticket_priority,
    ChangeTicketMarket: change_ticket_market,
    NoteTierChange: note_tier_change,
    MergeTicket: merge_ticket,
    ResolveTicket: resolve_ticket,
    MigrateTimers: migrate_timers,
    ExcuseBreach: excuse_breach,
    NoteDue: note_due,
    ReopenTicket: reopen_ticket,
    FollowUpTicket: follow_up_ticket,
    CloseTicket: close_ticket,
    ReceiveComplaint: receive_complaint,
    AcknowledgeComplaint: acknowledge_complaint,
    RegisterComplaint: register_complaint,
    ClassifyComplaint: classify_complaint,
    AssignComplaint: assign_complaint,
    ReferComplaint: refer_complaint,
    CompleteInvestigation: complete_investigation,
    ExtendInvestigation: extend_investigation,
    DraftRemedyPlan: draft_remedy_plan,
    ReviewRemedyPlan: review_remedy_plan,
    ApproveRemedyPlan: approve_remedy_plan,
    AcceptRemedyPlan: accept_remedy_plan,
    DeclineRemedyPlan: decline_remedy_plan,
    ApplyRemedy: apply_remedy,
    ResolveComplaint: resolve_complaint,
    CommunicateOutcome: communicate_outcome,
    RecordPublicationConsent: record_publication_consent,
    FollowUpComplaint: follow_up_complaint,
    ReopenComplaint: reopen_complaint,
    CloseComplaint: close_complaint,
    RegisterAgreement: register_agreement,
    SignAgreement: sign_agreement,
    EndAgreement: end_agreement,
    OpenPolicyDraft: open_policy_draft,
    RevisePolicy: revise_policy,
    DraftPolicy: draft_policy,
    DraftPolicyRow: draft_policy_row,
    DropPolicyRow: drop_policy_row,
    WithdrawPolicyDraft: withdraw_policy_draft,
    ReviewPolicy: review_policy,
    ApprovePolicy: approve_policy,
    PublishPolicy: publish_policy,
    FilePolicy: file_policy,
    LapsePolicy: lapse_policy,
    PublishShippedPolicy: publish_shipped_policy,
    ReceivePrivacyRequest: receive_privacy_request,
    IdentifyRequester: identify_requester,
    RefusePrivacyRequest: refuse_privacy_request,
    EvaluateRetention: evaluate_retention,
    RestrictProcessing: restrict_processing,
    BeginDestruction: begin_destruction,
    ExecutePrivacyRequest: execute_privacy_request,
    NoteErasureStep: note_erasure_step,
    AnswerPrivacyRequest: answer_privacy_request,
    PlaceLegalHold: place_legal_hold,
    ReleaseLegalHold: release_legal_hold,
    RecordJoiner: record_joiner,
    RequestAccess: request_access,
    ApproveAccess: approve_access,
    DeclineAccess: decline_access,
    GrantAccess: grant_access,
    RecordPostChange: record_post_change,
    RecordLeaver: record_leaver,
    RevokeAccess: revoke_access,
    OpenDutyPeriod: open_duty_period,
    PerformDuty: perform_duty,
    NoteDutyMissed: note_duty_missed,
    DraftCalendar: draft_calendar,
    PublishCalendar: publish_calendar,
    ApproveCalendar: approve_calendar,
    AssignServiceCalendar: assign_service_calendar,
}
