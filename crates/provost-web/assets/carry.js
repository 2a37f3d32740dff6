// Sends the one form of the page that carries a sign-in to Microsoft 365. Without it, the button does.
"use strict";

document.querySelector("form[data-carry]")?.submit();
