package ticket

// Names of the texts that the domain itself sends; the message room has the
// words in every language.
const (
	TextOwnerTaken        = "owner.taken"        // to the owner: somebody works on it
	TextOwnerRejected     = "owner.rejected"     // to the owner: no report, by the ticket's Rejection
	TextOwnerCancelled    = "owner.cancelled"    // to the owner: a program did it for them
	TextOwnerReopened     = "owner.reopened"     // to the owner: it is being worked on again
	TextOwnerRedelivery   = "owner.redelivery"   // to the owner: here is what waited for you
	TextOwnerLate         = "owner.late"         // to the owner: it takes longer
	TextOwnerPartial      = "owner.partial"      // to the owner: of several files not all could be sent
	TextReportRefused     = "report.refused"     // to the manager, by Reason
	TextReportDelivered   = "report.delivered"   // to the manager where reactions are forbidden
	TextReportUndelivered = "report.undelivered" // to the manager, by Reason: an Undelivered… code
	TextReportWaiting     = "report.waiting"     // to the manager: another report is on its way
	TextGroupCancelled    = "group.cancelled"    // below the card, to who works on it: Name
	TextAskDelivered      = "ask.delivered"      // to the manager where reactions are forbidden
	TextAskUndelivered    = "ask.undelivered"    // to the manager, by Reason: an Undelivered… code
	TextAskDropped        = "ask.dropped"        // to the manager: the ticket was closed before the question went out
	TextAskFailed         = "ask.failed"         // … Telegram refused it
	TextAnswerFailed      = "answer.failed"      // to the owner: Telegram would not pass it on
	TextErased            = "talk.erased"        // where an owner's words were in a group
	TextGroupMigrated     = "group.migrated"     // to the new supergroup
	TextPressAgain        = "press.again"        // to the group after a long stop
	TextTopicGone         = "group.topic_gone"   // to a group, whose topic takes no messages
	TextGroupMuted        = "group.muted"        // to admins: the bot cannot write there
	TextCRMElsewhere      = "crm.elsewhere"      // to admins: the deal of a ticket is in another pipeline of the CRM of Name
	TextCRMRefused        = "crm.refused"        // to admins, by Reason: the CRM of Name takes nothing more
	TextWebhookOff        = "webhook.off"        // to admins, by Reason: a webhook was switched off
	TextUpdateFailed      = "update.failed"      // to whoever's update was set aside
)
