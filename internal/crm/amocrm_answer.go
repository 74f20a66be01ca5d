package crm

import (
	"encoding/json"
	"net/http"
)

// judge finds what is wrong with an answer.
// https://www.amocrm.ru/developers/content/crm_platform/error-codes
// https://www.amocrm.ru/developers/content/api/recommendations
func (a *AmoCRM) judge(got answer) *FaultError {
	switch got.status {
	case http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNoContent:
		return nil
	case http.StatusUnauthorized:
		return &FaultError{Kind: Refused, Reason: RefusedToken, Advice: "make a new long-lived token of the integration, and put it into AMOCRM_TOKEN; " +
			"AMOCRM_BASE_URL must be the account's own address"}
	case http.StatusPaymentRequired:
		return &FaultError{Kind: Refused, Reason: RefusedPlan, Advice: "pay for the amoCRM account"}
	case http.StatusForbidden:
		return &FaultError{Kind: Refused, Reason: RefusedBanned, Pause: blocked, Advice: "let the token's user change leads, contacts and fields, " +
			"and the list of permitted addresses hold this machine's; where it was shut out for too many requests, write to amoCRM's support"}
	case http.StatusTooManyRequests:
		return &FaultError{Kind: Busy, Pause: retryAfter(got.header, overLimit)}
	case http.StatusNotFound:
		return amoMissing(got.body)
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return amoInvalid(got.body)
	}
	return &FaultError{Kind: Away}
}

// amoMissing is the fault of what is not there. Where the API itself does not say
// so, something else answered at that address, and nothing was deleted.
func amoMissing(body []byte) *FaultError {
	var said struct {
		Status int `json:"status"`
	}
	if json.Unmarshal(body, &said) == nil && said.Status == http.StatusNotFound {
		return &FaultError{Kind: Gone}
	}
	return &FaultError{Kind: Away}
}

// amoInvalid names what was not understood: the first field, and why.
func amoInvalid(body []byte) *FaultError {
	var said struct {
		Errors []struct {
			Errors []struct {
				Code string `json:"code"`
				Path string `json:"path"`
			} `json:"errors"`
		} `json:"validation-errors"`
	}
	f := &FaultError{Kind: Invalid}
	if json.Unmarshal(body, &said) == nil && len(said.Errors) > 0 && len(said.Errors[0].Errors) > 0 {
		first := said.Errors[0].Errors[0]
		f.Code = codeOf(first.Code) + " " + codeOf(first.Path)
		if first.Path == "id" { // of a lead or contact that is not there
			f.Kind = Gone
		}
	}
	return f
}
