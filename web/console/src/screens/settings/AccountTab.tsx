import { PasswordCard } from "./PasswordCard";
import { PasskeysCard } from "./PasskeysCard";
import { ProfileCard } from "./ProfileCard";
import { SecondFactorCard } from "./SecondFactorCard";
import { SessionsCard } from "./SessionsCard";
import classes from "./settings.module.css";

/** What belongs to the person who is signed in. */
export function AccountTab() {
  return (
    <div className={classes["cards"]}>
      <div className={classes["column"]}>
        <ProfileCard />
        <PasswordCard />
      </div>
      <div className={classes["column"]}>
        <SecondFactorCard />
        <PasskeysCard />
        <SessionsCard />
      </div>
    </div>
  );
}
