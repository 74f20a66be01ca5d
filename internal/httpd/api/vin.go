package api

import (
	"context"

	"vinbot/internal/vin"
)

// VINCheck is what is known of what somebody typed for a VIN. The names are
// those of the command vinbot vin.
type VINCheck struct {
	Input       string      `json:"input"`
	VIN         string      `json:"vin" doc:"What was understood; a VIN only where the verdict is not reject."`
	Verdict     string      `json:"verdict" enum:"ok,confirm,reject" doc:"ok: a ticket may be opened; confirm: only if its owner says that it is right; reject: it is no VIN."`
	Reason      string      `json:"reason" doc:"What is wrong, or, of an ok, a hint; empty for nothing." enum:"empty,frame_number,bad_character,too_short,too_long,no_letter,tail_not_digits,words,check_digit,"`
	Spot        *int        `json:"spot,omitempty" doc:"The position of the faulty character, from 0."`
	Changes     []VINChange `json:"changes" nullable:"false" doc:"The steps from the input to the VIN."`
	Suggestions []string    `json:"suggestions" nullable:"false" doc:"VINs that may have been meant, the likeliest first."`
	Maker       string      `json:"maker" doc:"Empty where it is not known."`
	Country     string      `json:"country" doc:"ISO 3166-1, two letters; empty where it is not known."`
	Years       []int       `json:"years" nullable:"false" doc:"The model years that it may mean, the likeliest first."`
}

// VINChange is one step from what was typed to the VIN.
type VINChange struct {
	Kind string `json:"kind"`
	At   int    `json:"at" doc:"The position in what was understood, in characters from 0."`
	From string `json:"from"`
	To   string `json:"to" doc:"Empty for what was left out."`
}

type vinInput struct {
	Body struct {
		Input string `json:"input" maxLength:"256" doc:"As somebody typed it." example:"1HGCM82633A004352"`
	}
}

type vinOutput struct{ Body VINCheck }

func (a *API) aboutVINs() {
	add(a, operation{
		ID: "checkVIN", Method: "POST", Path: root + "/vin/check", Tag: "VINs", Summary: "Check and decode a VIN",
		Details: "Opens nothing. The VIN stands in the body, since addresses end up in logs.", Owners: true,
	}, a.checkVIN)
}

func (a *API) checkVIN(_ context.Context, in *vinInput) (*vinOutput, error) {
	raw := in.Body.Input
	found := vin.Check(raw, a.Policy)
	said := VINCheck{
		Input: raw, VIN: found.VIN, Verdict: found.Verdict.String(), Reason: found.Reason.String(),
		Changes: []VINChange{}, Suggestions: []string{}, Years: []int{},
	}
	if spot := found.Spot(); spot != vin.NoSpot {
		said.Spot = &spot
	}
	for _, c := range found.Changes() {
		said.Changes = append(said.Changes, VINChange{Kind: string(c.Kind), At: c.At, From: c.From, To: c.To})
	}
	if found.Reason != vin.ReasonNone {
		for _, candidate := range vin.Repair(raw) {
			said.Suggestions = append(said.Suggestions, candidate.VIN)
		}
	}
	if found.Verdict != vin.VerdictReject {
		car := vin.Decode(found.VIN, a.Clock().Year())
		said.Maker, said.Country = car.Maker, string(car.Country)
		said.Years = append(said.Years, car.Years.Models()...)
	}
	return &vinOutput{Body: said}, nil
}
