package message

// The texts that the handlers send by name. A name may stand for a family: the
// reason of a refusal, or the status of a ticket, chooses the member, and the
// name alone is what is said where no member fits. The domain's own texts are
// named in the ticket room.
const (
	TextGreeting = "owner.greeting" // /start
	TextHelp     = "owner.help"     // /help
	TextOpened   = "owner.opened"   // Ticket, VIN, Changes, Year; Reason is the hint
	TextExists   = "owner.exists"   // the same VIN is open already; by the ticket's status
	TextConfirm  = "owner.confirm"  // a likely typo, with buttons; VIN, Changes, Repairs, Year
	TextLayout   = "owner.layout"   // typed with the Russian layout, it seems; Input, VIN, Repairs, Year
	TextRefused  = "owner.refused"  // no VIN, by Reason; VIN, Spot, Repairs, or Input to be shown instead
	TextSeveral  = "owner.several"  // Numbers of one message; Changes; Count are asked about apart
	TextFix      = "owner.fix"      // the answer to "fix it"
	TextNotHere  = "owner.not_here" // a command of the managers' group
	TextUnclear  = "owner.unclear"  // text that is no VIN

	TextEdited   = "owner.edited"
	TextAlbum    = "owner.album"
	TextPhoto    = "owner.photo"
	TextVideo    = "owner.video"
	TextVoice    = "owner.voice"
	TextSticker  = "owner.sticker"
	TextDocument = "owner.document"
	TextContact  = "owner.contact"
	TextLocation = "owner.location"
	TextPoll     = "owner.poll"
	TextUnknown  = "owner.unknown" // content that this program does not know

	TextAnswerPassed  = "answer.passed"   // to the owner: the answer goes to the managers; Reason may be one of the Passed… codes
	TextAnswerTooMany = "answer.too_many" // … has been answered often enough
	TextAnswerUnclear = "answer.unclear"  // … which question is meant? Numbers
	TextAnswerEdited  = "answer.edited"   // … the managers have it as it was

	TextAskOffer   = "ask.offer"   // is a reply to the card meant for the owner? with buttons
	TextAskRefused = "ask.refused" // by Reason: an Ask… code; Count is the most characters
	TextAskKnown   = "ask.known"   // an edit of a question that is out

	TextPrivacy   = "owner.privacy"   // what is kept, and how long: Count days, 0 for ever
	TextForget    = "owner.forget"    // /delete_me asks, with buttons
	TextForgotten = "owner.forgotten" // it is done

	TextBanned     = "owner.banned" // to the owner, once; Input is the reason
	TextBanDone    = "ban.done"     // Count is the person's id, or Ticket says whose
	TextBanAgain   = "ban.again"    // … was banned before; the reason is new
	TextBanRefused = "ban.refused"  // by Reason: a Ban… code
	TextUnbanDone  = "unban.done"
	TextUnbanNone  = "unban.none" // … was not banned

	TextDoneHelp       = "done.help"             // how to finish a ticket, the long form
	TextGroupHelp      = "group.help"            // the same, in short, for the group
	TextAsYourself     = "group.as_yourself"     // an anonymous admin's message
	TextStranger       = "group.stranger"        // somebody who is not on the list
	TextRejectAsk      = "group.reject.ask"      // why a ticket is to be rejected, with buttons
	TextStands         = "group.stands"          // what was asked for cannot be done; by the ticket's status
	TextTooLong        = "group.too_long"        // words for the owner: Count characters at most
	TextUsage          = "group.usage"           // how a command is written; Reason is the command
	TextPriorityIs     = "group.priority_is"     // it has that priority already
	TextAssigned       = "group.assigned"        // Name has the ticket now; Mention
	TextAssignedBefore = "group.assigned_before" // Name had it already
	TextUnknownPerson  = "group.unknown_person"  // nobody knows who Name is
	TextNotManager     = "group.not_manager"     // Name is not on the list
	TextReopenTwice    = "group.reopen_twice"    // the owner has another open ticket, Count, for the VIN
	TextOK             = "group.ok"              // done, where reactions are forbidden
	TextForeign        = "group.foreign"         // a group that is not on the list
	TextNoSuchTicket   = "report.no_such_ticket" // Count is the number that was given
	TextWhichTicket    = "report.which_ticket"   // a PDF, and nothing says for which ticket
	TextOtherTicket    = "report.other_ticket"   // reply and caption name two tickets
	TextReportExpected = "report.expected"       // /done came first: the PDFs that its sender sends next are meant
	TextReportKnown    = "report.known"          // the same file for the same ticket once more
	TextReportReplaced = "report.replaced"       // another file was put into a message that is a report already
	TextFailedInGroup  = "update.failed.group"   // what a managers' group reads where an owner reads "update.failed"
)

// PressTakenInDigest answers who takes a ticket from a digest.
const PressTakenInDigest = "press.taken_in_digest"

// A PDF in reply to a digest, which shows several tickets.
const (
	TextWhichOfSeveral = "report.which_of_several" // without a number
	TextNotInDigest    = "report.not_in_digest"    // with that of a ticket which it does not show: Count
)

// What there is to say about an answer that is passed on.
const (
	PassedVIN    = "vin"    // it holds a VIN, which opens no ticket
	PassedClosed = "closed" // its ticket is closed
	PassedAlbum  = "album"  // with TextAnswerUnclear: no buttons, but how to say what is meant
)

// Why a question is not sent to an owner.
const (
	AskEmpty     = "empty"
	AskNoTicket  = "no_ticket"
	AskWordsOnly = "words_only"
	AskTooLong   = "too_long"
	AskClosed    = "closed"
	AskNobody    = "nobody"
	AskBanned    = "banned"
)

// Why somebody is not banned.
const (
	BanNotAdmin = "not_admin"
	BanNoTarget = "no_target"
	BanNoReason = "no_reason"
	BanNobody   = "nobody" // the ticket has no owner in Telegram
	BanTeam     = "team"   // a manager, an admin, or whoever gives the command
)

// The answers to button presses: plain text of 200 characters at most.
const (
	PressTaken       = "press.taken"         // the presser has it now
	PressTakenBefore = "press.taken_before"  // the presser had it already
	PressTakenBy     = "press.taken_by"      // Name has it
	PressDelivering  = "press.delivering"    // the report is on its way
	PressUndelivered = "press.undelivered"   // the report waits for its owner
	PressDone        = "press.done"          // closed tickets …
	PressRejected    = "press.rejected"      //
	PressCancelled   = "press.cancelled"     //
	PressReused      = "press.reused"        // a report for the same VIN is sent
	PressReusedWas   = "press.reused_before" // it is on its way already
	PressReuseGone   = "press.reuse_gone"    // there is none any more
	PressDoneHint    = "press.done_hint"     // how to finish
	PressStranger    = "press.stranger"      // not on the list
	PressForeign     = "press.foreign"       // not in this group
	PressUnknown     = "press.unknown"       // data that nobody understands (any more)
	PressGone        = "press.gone"          // no such ticket
	PressSending     = "press.sending"       // "send it all the same"
	PressDropped     = "press.dropped"       // "do not send it"
	PressSettled     = "press.settled"       // the question was answered before
	PressOpened      = "press.opened"        // the owner confirmed the VIN: Ticket
	PressAnswered    = "press.answered"      // another button of the question opened Ticket
	PressExists      = "press.exists"        // … for which Ticket is open already
	PressFix         = "press.fix"           // the owner will correct the VIN
	PressVINRefused  = "press.vin_refused"   // what the button holds is no VIN
	PressAsked       = "press.asked"         // a reply to the card goes to the owner
	PressNotAsked    = "press.not_asked"     // it does not
	PressAskGone     = "press.ask_gone"      // … since it was deleted
	PressAskRefused  = "press.ask_refused"   // … since nobody can be asked, or it is too long
	PressSaid        = "press.said"          // what the button below an owner's answer is for
	PressPassed      = "press.passed"        // the owner said which question was answered
	PressPassGone    = "press.pass_gone"     // … but the answer was deleted, or the question is gone
	PressForgetting  = "press.forgetting"    // the owner's data are being erased
	PressNotForgot   = "press.not_forgotten" // they are not
	PressFailed      = "press.update_failed" // something went wrong
	PressNew         = "press.new"           // nobody has it
	PressInWork      = "press.in_work"       // Name has it, and it cannot be done
	PressReleased    = "press.released"      // back in the queue
	PressPriority    = "press.priority"      // the priority is another now
	PressPriorityWas = "press.priority_is"   // the priority was that before
	PressRejectAsk   = "press.reject_ask"    // the reason is asked for
	PressRejectNot   = "press.reject_not"    // not rejected after all
	PressRejectedNow = "press.rejected_now"  // rejected by this press
)
