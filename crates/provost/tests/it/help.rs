use crate::run::Place;
use insta::assert_snapshot;

#[test]
fn the_first_page_shows_every_command() {
    assert_snapshot!(Place::empty().run("--help"), @r"
    Self-hosted identity provisioning hub

    Usage: provost [OPTIONS] <COMMAND>

    Commands:
      demo             See it work: a sample company goes into a simulated Microsoft 365 and into a SCIM
                       application
      init             Make the data folder with configuration, key, database and a workspace
      serve            Serve SCIM and the console, and keep every connection going
      workspace        The containers of the installation: one organisation each
      provider         Who pushes people and groups in
      token            Tokens of inbound providers
      client           OAuth clients of inbound providers
      setup-link       Pages that lead a customer's administrator through the set-up of an inbound
                       provider
      consent          The tenant of Microsoft Entra that an inbound provider belongs to
      team             What a workspace is divided into
      schema           What the workspace keeps of people and groups beyond the standard
      person           The people of the directory
      group            The groups of the directory, and who is in them
      takeover         Providers that want a person whom another one has
      request          What inbound providers sent and what it meant
      import           Files that drive the directory: records of a personnel system
      connection       The applications that people and groups are provisioned into
      microsoft-365    Microsoft 365 tenants that are moved to Provost: from the application to the
                       federated domain
      identifier       Whose the accounts of a Microsoft 365 tenant are
      migration        The window in which people of a Microsoft 365 tenant sign in at both sides
      federation       The switch of a Microsoft 365 domain, the checks before it, and the roll-back
      template         What a connection can begin from: attributes, mappings and settings of
                       applications
      rule             Who is provisioned, and with which attributes
      attribute        What a target keeps of people and groups: types, limits, who may write it
      expr             Expressions of mappings: tried for a person, and looked up
      entra            Synchronization schemas of Microsoft Entra: taken over, and given back
      assign           Mean people, and groups for their members, by a connection
      unassign         Mean them no longer
      assignments      Who is assigned to a connection
      plan             Show what the next cycle would do, or keep it to be approved and applied
      apply            Carry out a kept plan: exactly that, or nothing
      cycle            Runs of a connection
      undo             Take back what a cycle switched off
      provision        Provision one person, or a group with chosen members, now, and show each step
      problem          Everything that is wrong, oldest first
      status           How far people and groups are synchronised: impacted, success, unsynced,
                       partially synced, failed
      licence          Products of a target: seats used, planned and short, and who has them
      leaver           Take back what a person who leaves has in a target
      doubt            Who may be meant in a target, where somebody has to decide
      staged           Steps that wait until somebody decides
      protect          People and groups that nothing removes without a decision
      link             Which account belongs to whom
      discover         List the target to its end, and keep what nobody owns
      unowned          What the target has and nobody owns
      drift            What a reconcile found changed in the target
      retry            Steps that failed and are tried again
      explain          Everything known of a person or group: what came in, what each rule makes of it,
                       what was done
      log              What happened to each object in each target, newest first
      audit            Who did what in Provost
      config           The configuration: checked, and connections as files with versions
      credential       What ends when: secrets, tokens and clients of both directions
      backup           Copies of the database
      guide            What was signed off in the guides of the console
      notify           Mail when something needs a person
      administrator    Who signs in to the console, and what they may do there
      signin-provider  Systems that administrators may sign in with
      api-token        Tokens of the admin API and of the metrics
      sim              Systems to try Provost with
      scim             SCIM servers, our own and others
      reference        Print every command with its arguments as one page: Markdown, or JSON with --json
      completions      Print a completion script for a shell

    Options:
      -h, --help     Print help
      -V, --version  Print version

    Everywhere:
          --data <DIR>        The data folder: configuration, key and embedded database [default:
                              provost-data]
          --workspace <NAME>  The workspace to work in; needed when there are several
          --json              Answer with JSON

    Exit status: 0 done, 1 refused or failed, 2 wrong usage, 3 the audit log is broken (audit verify),
    4 something is in the way that passes: try again, 130 interrupted a second time.
    Standard output carries the answer alone; progress, log and errors go to standard error.
    exit 0
    ");
}

#[test]
fn the_pages_of_the_commands_that_take_most() {
    let place = Place::empty();
    assert_snapshot!(place.run("connection add --help"), @r#"
    Make a connection, once its test has succeeded

    Usage: provost connection add [OPTIONS] <NAME>

    Arguments:
      <NAME>
              Its name, such as "Microsoft 365"

    Options:
          --description <TEXT>
              What it is for, for whoever finds it; at most 400 characters

          --template <TEMPLATE>
              Begin with the rules of a template, which also says the connector

              [possible values: connecter, microsoft-365, peripass, scim]

          --connector <CONNECTOR>
              The code that speaks to the application, where no template says it

              [possible values: graph, scim]

          --setting <NAME=VALUE>
              A setting of the connector, as name=value; repeatable

          --secret-env <NAME=VARIABLE>
              A secret of the connector, read from an environment variable, as name=VARIABLE; repeatable

          --secret-file <NAME=FILE>
              A secret that is read from a file, such as certificate=m365.pem with its key; repeatable

          --secret-stdin <NAME>
              The name of a secret that is read from standard input

          --secret-expires <TIME>
              When the credential ends: a day such as 2027-01-31, or 180d from now; mail is sent in time
              (`provost notify`)

          --mode <MODE>
              Whether cycles run by themselves; without it as the template says, or automatic

              Possible values:
              - automatic: A change reaches the target at once
              - manual:    Only `provost cycle run` and `provost apply` write

          --assigned
              Only who is assigned is meant (`provost assign`); without it, everybody is

          --save-invalid
              Keep it although its test fails: it is invalid, and no cycle runs until a test succeeds

          --untested
              Do not try it: nobody is asked whether it works, and its rules are switched on as they are

      -y, --yes
              Switch on also the rules that mean everybody in the directory, or nobody yet

      -h, --help
              Print help (see a summary with '-h')

    Everywhere:
          --data <DIR>
              The data folder: configuration, key and embedded database [default: provost-data]

          --workspace <NAME>
              The workspace to work in; needed when there are several

          --json
              Answer with JSON
    exit 0
    "#);
    assert_snapshot!(place.run("provider add -h"), @r#"
    Make an inbound provider; prints its tenant URL and its token, which is shown this once

    Usage: provost provider add [OPTIONS] <NAME>

    Arguments:
      <NAME>  Its name, such as "Entra"

    Options:
          --draft              Prepare it only: its requests are answered 401 until `provost provider
                               save`
          --expires-in <TIME>  How long the token is valid: 365d, 12h, or never [default: 365d]
      -h, --help               Print help

    Settings:
          --role <ROLE>              The role that new people get: user, auditor, access-admin,
                                     provisioning-operator or configuration-admin
          --team <TEAM>              The team that new people get; `provost team add` makes one
          --no-team                  Give new people no team
          --permission <PERMISSION>  What new people may do in the team [possible values: read, write,
                                     manage, none]
          --dialect <DIALECT>        Whose habits are tolerated; detect: everybody's, and what is met is
                                     counted [possible values: strict, generic, entra,
                                     entra-scim-062020, okta, detect]
          --sheet <FILE>             Which attributes a person must have and may be filtered on: a JSON
                                     file, template:connecter, template:peripass, or none
          --takeover <RULE>          What happens when it creates a person whom another provider has
                                     [possible values: never, ask, unowned, always]
          --network <NETWORK>        A network that its requests may come from, such as 192.0.2.0/24;
                                     repeatable; any: from everywhere
          --rate <N>                 Requests a second in the long run; 0: no limit
          --burst <N>                Requests at once, before the rate holds
          --request-log <WHICH>      Which requests are kept in the request log [possible values: all,
                                     changes, failures, off]
          --log-days <DAYS>          Days that the request log is kept
          --recycle-days <DAYS>      Days that deleted people and groups can be restored
          --unknown-members <RULE>   What happens to a group's member that the provider does not have
                                     [possible values: refuse, skip]

    Everywhere:
          --data <DIR>        The data folder: configuration, key and embedded database [default:
                              provost-data]
          --workspace <NAME>  The workspace to work in; needed when there are several
          --json              Answer with JSON

    A setting that is not named: role user, no team, dialect detect, no sheet, takeover ask, network
    any, rate and burst from [limits] of the configuration, request log all for 30 days, recycle bin 30
    days, unknown members refuse.
    exit 0
    "#);
    assert_snapshot!(place.run("serve --help"), @r"
    Serve SCIM and the console, and keep every connection going

    Prints `ready URL` on standard output once requests are answered and, as long as the installation
    never had an owner, `owner URL`: a link that makes the first one. Ctrl-C or SIGTERM ends it when the
    requests and cycles under way are done.

    Usage: provost serve [OPTIONS]

    Options:
          --listen <ADDR>
              The address and port to listen on, instead of the configuration's; port 0 takes a free one

      -h, --help
              Print help (see a summary with '-h')

    Everywhere:
          --data <DIR>
              The data folder: configuration, key and embedded database [default: provost-data]

          --workspace <NAME>
              The workspace to work in; needed when there are several

          --json
              Answer with JSON
    exit 0
    ");
    assert_snapshot!(place.run("demo --help"), @r"
    See it work: a sample company goes into a simulated Microsoft 365 and into a SCIM application

    Starts the hub, a simulated Microsoft 365 and a SCIM application in one process, loads the sample
    company Contoso through the SCIM endpoint, provisions it into both, lets one person join, one move
    and one leave, and compares. Interrupted at any point, it goes on where it stopped when it is
    started again. Its folder is provost-demo unless another is named.

    Usage: provost demo [OPTIONS]

    Options:
          --exit
              End after the summary, with status 0 only if every target agrees with the directory

      -h, --help
              Print help (see a summary with '-h')

    Everywhere:
          --data <DIR>
              The data folder: configuration, key and embedded database [default: provost-data]

          --workspace <NAME>
              The workspace to work in; needed when there are several

          --json
              Answer with JSON
    exit 0
    ");
}

#[test]
fn the_pages_of_what_provisioning_needs_most() {
    let place = Place::empty();
    assert_snapshot!(place.run("connection -h"), @r"
    The applications that people and groups are provisioned into

    Usage: provost connection [OPTIONS] <COMMAND>

    Commands:
      add          Make a connection, once its test has succeeded
      list         List the connections with their state
      show         Show a connection: its state and the next step, its preferences, its queues, its last
                   cycles
      days         Show what each of the last days brought: cycles, writes, removals, failures
      set          Change settings, preferences and secrets, once the test succeeds with them; a new
                   host wipes the secrets
      preferences  Show or change how a connection runs and what it may do
      resync       Have everybody looked at again by the next cycle: what was not allowed before is made
                   up for
      guard        Show or change the limits of the deletion guard
      sign-in      How people sign in to the application behind a connection, by OpenID Connect
      test         Try a connection step by step: which permissions are granted, missing or too much; an
                   invalid one that succeeds becomes active
      on           Switch a connection on: also out of quarantine [alias: resume]
      off          Switch a connection off until it is switched on; a cycle under way writes nothing
                   more [alias: pause]
      restart      Begin again: look at everybody, try failed steps again, match everybody again
      rename       Give a connection another name
      remove       Forget a connection whose rules are switched off; what it made in the target stays

    Options:
      -h, --help  Print help

    Everywhere:
          --data <DIR>        The data folder: configuration, key and embedded database [default:
                              provost-data]
          --workspace <NAME>  The workspace to work in; needed when there are several
          --json              Answer with JSON
    exit 0
    ");
    assert_snapshot!(place.run("connection restart -h"), @r"
    Begin again: look at everybody, try failed steps again, match everybody again

    Usage: provost connection restart [OPTIONS] <NAME>

    Arguments:
      <NAME>  The connection

    Options:
          --watermark      The watermark: the next cycle is an initial one and looks at everybody
          --escrows        What waits for another try: all of it is tried again with the next cycle
          --quarantine     The quarantine and its count of failures
          --links          The links: everybody is matched again by the rules' matching attributes
          --force-deletes  The steps that the deletion guard holds: all of them are approved and carried
                           out
          --full           Everything but --force-deletes
      -y, --yes            Do not ask, where something is lost or let through
      -h, --help           Print help

    Everywhere:
          --data <DIR>        The data folder: configuration, key and embedded database [default:
                              provost-data]
          --workspace <NAME>  The workspace to work in; needed when there are several
          --json              Answer with JSON

    Without an option: --watermark --escrows --quarantine, after which everything is looked at again and
    nothing is matched again. A cycle that is running ends as it began.
    exit 0
    ");
    assert_snapshot!(place.run("plan -h"), @r"
    Show what the next cycle would do, or keep it to be approved and applied

    Usage: provost plan [OPTIONS] <NAME>
           provost plan <COMMAND>

    Commands:
      list     List a connection's kept plans, newest first
      show     Show a kept plan: its counts, and each step with the values before and after
      export   Write every step of a kept plan as JSON lines, or as CSV
      approve  Approve a plan that somebody else made
      reject   Reject a plan

    Arguments:
      <NAME>  The connection

    Options:
          --limit <STEPS>  How many steps of each rule are shown by name [default: 20]
          --mode <MODE>    Which cycle; without it, the one that is due [possible values: initial,
                           incremental, reconcile]
          --rules <FILE>   Plan as if the rules of this file were saved; applying the plan saves them
          --save           Keep the plan with every value before and after, to be read, approved and
                           applied
      -h, --help           Print help (see more with '--help')

    Everywhere:
          --data <DIR>        The data folder: configuration, key and embedded database [default:
                              provost-data]
          --workspace <NAME>  The workspace to work in; needed when there are several
          --json              Answer with JSON

    A plan that is kept shows every value before and after. `provost apply ID` carries out exactly that,
    or refuses with what has moved. Where a rule asks for a second person, who approves must be another
    user of this machine than who made the plan: both are taken from the system, never from an option.
    exit 0
    ");
    assert_snapshot!(place.run("staged approve -h"), @r"
    Let held steps go ahead, with the next cycle

    Usage: provost staged approve [OPTIONS] <--plan <DIGEST>|--step <KEY>|--all> <NAME>

    Arguments:
      <NAME>  The connection

    Options:
          --plan <DIGEST>  Every waiting step of this plan, by its digest from `provost staged list`
          --step <KEY>     These steps, by their keys from `provost staged list`; repeatable
          --all            Every waiting step of every plan
      -h, --help           Print help

    Everywhere:
          --data <DIR>        The data folder: configuration, key and embedded database [default:
                              provost-data]
          --workspace <NAME>  The workspace to work in; needed when there are several
          --json              Answer with JSON
    exit 0
    ");
    assert_snapshot!(place.run("log -h"), @r#"
    What happened to each object in each target, newest first

    Usage: provost log [OPTIONS] [NAME]
           provost log <COMMAND>

    Commands:
      export  Write what fits as JSON lines, or as three CSV files that are joined by the change's id
      keep    Show or change for how many days the log is kept

    Arguments:
      [NAME]  Only of this connection

    Options:
          --person <WHO>     Only about this person or group, also one that is gone
          --action <ACTION>  Only this action: create, update, disable, restore, delete, "add member",
                             "remove member", …
          --status <STATUS>  Only with this status [possible values: success, failure, skipped, warning]
          --code <CODE>      Only with this code, such as PRV-CONNECT-CONFLICT
          --find <TEXT>      Only lines about an object whose id this is, or with this in the name, the
                             reason or the detail
          --since <TIME>     Only since: 30m, 12h, 7d ago, or a time such as 2026-01-05T09:00:00Z
          --until <TIME>     Only until, in the same form
          --cycle <KEY>      Only of this cycle, by its key from `provost cycle list`
          --steps            Show the steps and the modified attributes of each line
          --before <KEY>     Only those before this key
          --limit <LIMIT>    How many lines [default: 50]
      -h, --help             Print help

    Everywhere:
          --data <DIR>        The data folder: configuration, key and embedded database [default:
                              provost-data]
          --workspace <NAME>  The workspace to work in; needed when there are several
          --json              Answer with JSON
    exit 0
    "#);
    assert_snapshot!(place.run("plan"), @r"
    --- stderr
    error: the following required arguments were not provided:
      <NAME>

    Usage: provost plan --data <DIR> <NAME>

    For more information, try '--help'.
    exit 2
    ");
}

#[test]
fn wrong_usage_has_a_status_of_its_own() {
    assert_snapshot!(Place::empty().run("conection list"), @r"
    --- stderr
    error: unrecognized subcommand 'conection'

      tip: some similar subcommands exist: 'config', 'consent', 'completions', 'connection'

    Usage: provost [OPTIONS] <COMMAND>

    For more information, try '--help'.
    exit 2
    ");
    assert_snapshot!(Place::empty().run("provider add x --expires-in soon"), @r"
    --- stderr
    error: invalid value 'soon' for '--expires-in <TIME>': write a number and a unit, such as 365d, 12h or 30m, or never

    For more information, try '--help'.
    exit 2
    ");
}

#[test]
fn a_completion_script_knows_the_commands() {
    let script = Place::empty().run("completions bash");
    assert!(
        script.contains("microsoft-365") && script.contains("--secret-env"),
        "{script}"
    );
    assert!(script.ends_with("exit 0"));
}
