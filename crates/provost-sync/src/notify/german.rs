//! The German words of letters, by their English ones. A test says which are missing and which nobody uses.

pub(super) const GERMAN: &[(&str, &str)] = &[
    // The frame of a letter.
    ("What happened", "Was geschehen ist"),
    ("Why", "Warum"),
    ("Who is concerned", "Wen es betrifft"),
    ("and {} more", "und {} weitere"),
    ("What to do next", "Was zu tun ist"),
    ("Console: {}", "Konsole: {}"),
    (
        "Provost writes once about each cause, and again only when it comes back after it was over.",
        "Provost schreibt einmal über jede Ursache, und erst wieder, wenn sie nach ihrem Ende zurückkommt.",
    ),
    // The test of the settings.
    (
        "Provost: a test of the mail settings",
        "Provost: ein Test der Mail-Einstellungen",
    ),
    (
        "This letter was asked for. Mail works.",
        "Diese Nachricht wurde angefordert. Die Mail-Einstellungen stimmen.",
    ),
    // The letters of a migration.
    ("{}: set up your sign-in", "{}: richten Sie Ihre Anmeldung ein"),
    (
        "The sign-in of {} to Microsoft 365 is going to change. So that you can go on working without a break, join \
         once: sign in with your Microsoft 365 account, then make a passkey on your device.",
        "Die Anmeldung von {} bei Microsoft 365 ändert sich demnächst. Damit Sie ohne Unterbrechung weiterarbeiten können, \
         treten Sie einmal bei: Melden Sie sich mit Ihrem Microsoft-365-Konto an und legen Sie dann auf Ihrem Gerät einen \
         Passkey an.",
    ),
    (
        "Reminder: set up your sign-in for {}",
        "Erinnerung: richten Sie Ihre Anmeldung für {} ein",
    ),
    (
        "You have not joined {} yet. After the deadline nobody can join by this way any more.",
        "Sie sind {} noch nicht beigetreten. Nach der Frist kann auf diesem Weg niemand mehr beitreten.",
    ),
    ("Hello {},", "Guten Tag {},"),
    ("Join here:", "Hier treten Sie bei:"),
    ("Please do so by {}.", "Bitte tun Sie das bis {}."),
    (
        "The address is the same for everybody and is no secret. You enter your password at Microsoft only, and \
         nobody asks you for it by mail.",
        "Die Adresse ist für alle dieselbe und kein Geheimnis. Ihr Kennwort geben Sie nur bei Microsoft ein, und niemand \
         fragt Sie per Mail danach.",
    ),
    ("Questions? Ask {}.", "Fragen? Wenden Sie sich an {}."),
    (
        "Provost: {} people are left in the migration of {}",
        "Provost: {} Personen fehlen noch in der Migration von {}",
    ),
    (
        "Of {} people, {} are onboarded, {} exempt, {} left. {} sign-ins wait for a decision, {} do not fit. The window \
         ends on {}.",
        "Von {} Personen sind {} übernommen, {} ausgenommen, {} fehlen noch. {} Anmeldungen warten auf eine Entscheidung, \
         {} passen nicht. Das Fenster endet am {}.",
    ),
    ("Who is left", "Wer noch fehlt"),
    (
        "{} of them have no mail address in the directory: tell them in another way.",
        "{} von ihnen haben im Verzeichnis keine Mailadresse: Sagen Sie es ihnen auf anderem Weg.",
    ),
    (
        "Decide about the sign-ins that wait, and call those who are left.",
        "Entscheiden Sie über die Anmeldungen, die warten, und rufen Sie an, wer noch fehlt.",
    ),
    // Connections.
    ("Provost: {} is in quarantine", "Provost: {} ist in Quarantäne"),
    (
        "The connection \"{}\" fails and is slowed down since {}. Provost tries again by itself, next at {}.",
        "Die Verbindung „{}“ schlägt fehl und ist seit {} verlangsamt. Provost versucht es von selbst wieder, das nächste \
         Mal um {}.",
    ),
    (
        "Test the connection (provost connection test \"{}\"), mend what it names, and run it again. It leaves \
         quarantine by itself with the first cycle that succeeds.",
        "Testen Sie die Verbindung (provost connection test \"{}\"), beheben Sie, was der Test nennt, und starten Sie sie \
         wieder. Sie verlässt die Quarantäne von selbst mit dem ersten Zyklus, der gelingt.",
    ),
    ("Provost: {} was switched off", "Provost: {} wurde ausgeschaltet"),
    (
        "The connection \"{}\" was in quarantine for too long and is not tried any more since {}.",
        "Die Verbindung „{}“ war zu lange in Quarantäne und wird seit {} nicht mehr versucht.",
    ),
    (
        "Mend the reason, then switch it on again (provost connection on \"{}\").",
        "Beheben Sie den Grund und schalten Sie sie wieder ein (provost connection on \"{}\").",
    ),
    ("Provost: {} is invalid", "Provost: {} ist ungültig"),
    (
        "The target refuses the connection \"{}\" since {}. No cycle runs, and nobody's account is changed or removed \
         because of it.",
        "Das Zielsystem weist die Verbindung „{}“ seit {} ab. Es läuft kein Zyklus, und deswegen wird niemandes Konto \
         geändert oder entfernt.",
    ),
    (
        "Make a new credential in the target if it has ended, save it here (provost connection set \"{}\"), then test \
         the connection (provost connection test \"{}\"). It is active again with the first test that succeeds.",
        "Legen Sie im Zielsystem neue Zugangsdaten an, falls die alten abgelaufen sind, speichern Sie sie hier (provost \
         connection set \"{}\") und testen Sie die Verbindung (provost connection test \"{}\"). Mit dem ersten Test, der \
         gelingt, ist sie wieder aktiv.",
    ),
    // Steps and plans.
    (
        "Provost: 1 step of {} waits for a decision",
        "Provost: 1 Schritt von {} wartet auf eine Entscheidung",
    ),
    (
        "Provost: {} steps of {} wait for a decision",
        "Provost: {} Schritte von {} warten auf eine Entscheidung",
    ),
    (
        "Steps of the connection \"{}\" are held and not carried out. Everything else goes on.",
        "Schritte der Verbindung „{}“ sind zurückgehalten und werden nicht ausgeführt. Alles andere läuft weiter.",
    ),
    (
        "Look at them (provost staged list \"{}\"), then approve or reject them, together or one by one.",
        "Sehen Sie sie an (provost staged list \"{}\") und genehmigen Sie sie oder lehnen Sie sie ab, zusammen oder \
         einzeln.",
    ),
    (
        "Provost: a plan for {} waits for approval",
        "Provost: Ein Plan für {} wartet auf Genehmigung",
    ),
    (
        "{} made a plan for the connection \"{}\" at {}.",
        "{} hat einen Plan für die Verbindung „{}“ erstellt, am {}.",
    ),
    (
        "It holds steps that a second person has to approve.",
        "Er enthält Schritte, die eine zweite Person genehmigen muss.",
    ),
    (
        "Read it (provost plan show {}), then approve or reject it. Whoever made it cannot approve it.",
        "Lesen Sie ihn (provost plan show {}) und genehmigen Sie ihn oder lehnen Sie ihn ab. Wer ihn erstellt hat, kann ihn \
         nicht genehmigen.",
    ),
    (
        "Provost: 1 step of {} is given up",
        "Provost: 1 Schritt von {} ist aufgegeben",
    ),
    (
        "Provost: {} steps of {} are given up",
        "Provost: {} Schritte von {} sind aufgegeben",
    ),
    (
        "Steps of the connection \"{}\" have failed for 28 days and are not tried any more.",
        "Schritte der Verbindung „{}“ sind 28 Tage lang fehlgeschlagen und werden nicht mehr versucht.",
    ),
    (
        "Each has its own reason in the list of retries.",
        "Jeder hat seinen eigenen Grund in der Liste der Wiederholungen.",
    ),
    (
        "Look at the reasons (provost retry list \"{}\"), mend them, and have the steps tried again.",
        "Sehen Sie die Gründe an (provost retry list \"{}\"), beheben Sie sie, und lassen Sie die Schritte noch einmal \
         versuchen.",
    ),
    (
        "Provost: an import of {} is held",
        "Provost: Ein Import von {} ist zurückgehalten",
    ),
    (
        "A complete import of \"{}\" from {} leaves out more people than may go without a decision. They stay as they \
         are; everybody it names was taken in.",
        "Ein vollständiger Import von „{}“ vom {} lässt mehr Personen aus, als ohne Entscheidung gehen dürfen. Sie bleiben, \
         wie sie sind; alle, die er nennt, wurden übernommen.",
    ),
    (
        "The file or the query may be cut short.",
        "Die Datei oder die Abfrage ist vielleicht abgeschnitten.",
    ),
    (
        "Look at the run (provost import runs), then approve or reject the absences.",
        "Sehen Sie den Lauf an (provost import runs) und genehmigen Sie das Fehlen oder lehnen Sie es ab.",
    ),
    // Credentials.
    (
        "the credential of the connection \"{}\"",
        "die Gültigkeit der Zugangsdaten der Verbindung „{}“",
    ),
    (
        "the token \"{}\" of the inbound provider \"{}\"",
        "das Token „{}“ des eingehenden Anbieters „{}“",
    ),
    (
        "the OAuth client \"{}\" of the inbound provider \"{}\"",
        "der OAuth-Client „{}“ des eingehenden Anbieters „{}“",
    ),
    ("the API token \"{}\"", "das API-Token „{}“"),
    ("{} ends on {}", "{} endet am {}"),
    ("{} has ended on {}", "{} endete am {}"),
    (
        "After that, nothing is taken in or sent out with it.",
        "Danach wird damit nichts mehr angenommen oder gesendet.",
    ),
    (
        "Make a new one in the target, save it here (provost connection set), and note when that one ends.",
        "Legen Sie im Zielsystem neue an, speichern Sie sie hier (provost connection set), und vermerken Sie, wann diese \
         enden.",
    ),
    (
        "Make a new token, enter it at the sender, then revoke this one.",
        "Legen Sie ein neues Token an, tragen Sie es beim Absender ein, und widerrufen Sie dann dieses.",
    ),
    (
        "Make a new client, enter it at the sender, then revoke this one.",
        "Legen Sie einen neuen Client an, tragen Sie ihn beim Absender ein, und widerrufen Sie dann diesen.",
    ),
    (
        "Make a new token, give it to the program that uses this one, then revoke this one.",
        "Legen Sie ein neues Token an, geben Sie es dem Programm, das dieses nutzt, und widerrufen Sie dann dieses.",
    ),
    (
        "the certificate that signs the sign-ins of \"{}\"",
        "das Zertifikat, das die Anmeldungen von „{}“ signiert,",
    ),
    (
        "the next signing certificate of \"{}\"",
        "das nächste Signaturzertifikat von „{}“",
    ),
    (
        "the tenant's certificate in the onboarding window of \"{}\"",
        "das Zertifikat des Mandanten im Fenster der Migration von „{}“",
    ),
    (
        "After that, nobody signs in to Microsoft 365 through it.",
        "Danach meldet sich damit niemand mehr bei Microsoft 365 an.",
    ),
    (
        "After that, nothing can be changed over to it.",
        "Danach kann nicht mehr darauf umgestellt werden.",
    ),
    (
        "After that, nobody is let through the window with it.",
        "Danach kommt damit niemand mehr durch das Fenster.",
    ),
    (
        "Prepare the next signing key (provost microsoft-365 signing-key prepare \"{}\"), then renew the certificate at \
         Microsoft step by step (provost federation certificate \"{}\" announce).",
        "Bereiten Sie den nächsten Signaturschlüssel vor (provost microsoft-365 signing-key prepare \"{}\"), und erneuern \
         Sie dann das Zertifikat bei Microsoft Schritt für Schritt (provost federation certificate \"{}\" announce).",
    ),
    (
        "Retire it (provost microsoft-365 signing-key retire \"{}\"), and prepare a new one when the key that signs is to \
         be changed.",
        "Legen Sie es still (provost microsoft-365 signing-key retire \"{}\"), und bereiten Sie ein neues vor, wenn der \
         Schlüssel, der signiert, gewechselt werden soll.",
    ),
    (
        "Make a new certificate for the application in Entra, paste it beside this one, validate and save (provost \
         migration validate \"{}\"); or close the window.",
        "Erstellen Sie in Entra ein neues Zertifikat für die Anwendung, fügen Sie es neben diesem ein, prüfen und speichern \
         Sie (provost migration validate \"{}\"); oder schließen Sie das Fenster.",
    ),
    // The digest.
    (
        "What failed from {} to {}",
        "Was vom {} bis zum {} fehlgeschlagen ist",
    ),
    ("Nothing.", "Nichts."),
    ("{}: {}, {} times ({})", "{}: {}, {}-mal ({})"),
    ("no code", "kein Code"),
    ("What is still open", "Was noch offen ist"),
    (
        "Each failure is tried again by itself. provost log shows the reasons.",
        "Jeder Fehlschlag wird von selbst noch einmal versucht. provost log zeigt die Gründe.",
    ),
    ("Provost: {} failures on {}", "Provost: {} Fehlschläge am {}"),
    (
        "{}: {} steps wait for their next try",
        "{}: {} Schritte warten auf ihren nächsten Versuch",
    ),
    ("{} or more", "{} oder mehr"),
    (
        "{}: {} values were changed in the target",
        "{}: {} Werte wurden im Zielsystem geändert",
    ),
    ("since {}: {}", "seit {}: {}"),
    // What steps do.
    ("held: {}", "zurückgehalten: {}"),
    ("create", "anlegen"),
    ("update", "ändern"),
    ("disable", "deaktivieren"),
    ("restore", "wieder aktivieren"),
    ("delete", "löschen"),
    ("add member", "Mitglied hinzufügen"),
    ("remove member", "Mitglied entfernen"),
    ("add licence", "Lizenz geben"),
    ("remove licence", "Lizenz zurücknehmen"),
];
